import Foundation
import Fusion
import Grids
import TestSupport
import Testing

@Suite struct SunDirectionTests {
  private let cells = Grid(width: 60, height: 50)

  private func land(_ row: Double, _ column: Double) -> Float {
    Float(sin(row / 3) * cos(column / 4) + sin((row + 2 * column) / 5) + cos((row - column) / 2.5))
  }

  private func sample(_ heights: [Float], _ bands: [[Float]]) -> FusionSample {
    FusionSample(heights, bands: bands, on: CellSpline(cells: cells, factor: 1))
  }

  @Test(arguments: Array(stride(from: 0.0, to: 360, by: 30)))
  func `the light of a shaded land is found in bands of any strength`(degrees: Double) throws {
    let sun = SunDirection(degrees: degrees)
    let pixels = (0..<cells.pixelCount).map { ($0 / cells.width, $0 % cells.width) }
    let heights = pixels.map { land(Double($0.0), Double($0.1)) }
    let light = pixels.map { row, column in
      let (y, x, step) = (Double(row), Double(column), 0.5)
      let across = land(y, x + step) - land(y, x - step)
      let down = land(y + step, x) - land(y - step, x)
      return -(Float(sun.columns) * across + Float(sun.rows) * down)
    }
    let clutter = noise(cells.pixelCount).map { $0 / 16384 }
    let bands = [light, zip(light, clutter).map { 0.2 * $0 + $1 }]
    let found = try #require(SunDirection(of: [sample(heights, bands)]))
    let error = abs((found.degrees - degrees + 540).truncatingRemainder(dividingBy: 360) - 180)
    #expect(error < 5, "\(found.degrees)° instead of \(degrees)°")
    #expect(found.agreement > 0.9)
  }

  @Test func `a flat reference has no light`() {
    let flat = [Float](repeating: 7, count: cells.pixelCount)
    #expect(SunDirection(of: [sample(flat, [noise(cells.pixelCount)])]) == nil)
  }
}
