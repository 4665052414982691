import Foundation
import Fusion
import Grids
import TestSupport
import Testing

/// An image of a land, moved by known distances.
@Suite struct ImageShiftTests {
  private let spline = CellSpline(cells: Grid(width: 44, height: 40), factor: 4)

  private func land(down: Double = 0, right: Double = 0) -> [Float] {
    WavyLand().heights(
      on: Grid(width: spline.width, height: spline.height), down: down, right: right)
  }

  @Test(arguments: [(0, 0), (2, -1), (-3.4, 2.2), (4, 4)] as [(Double, Double)])
  func `the shift of an image is found within its uncertainty`(down: Double, right: Double) throws {
    let reference = spline.means(land())
    let source = DetailSource("image", [land(down: down, right: right)])
    let shift = try #require(ImageShift(of: [ImageShift.Part(source, reference, on: spline)]))
    #expect(abs(shift.rows - down) < 0.4 && abs(shift.columns - right) < 0.4, "\(shift)")
    #expect(shift.deviation < 0.3 && shift.explained > 0.8)
    #expect(shift.isRelevant(factor: 4) == (max(abs(down), abs(right)) > 1))
  }

  @Test func `an image that shows nothing has no shift that counts`() {
    let reference = spline.means(land())
    let source = DetailSource("noise", [noise(spline.width * spline.height)])
    let shift = ImageShift(of: [ImageShift.Part(source, reference, on: spline)])
    #expect(shift?.isRelevant(factor: 4) != true)
  }
}
