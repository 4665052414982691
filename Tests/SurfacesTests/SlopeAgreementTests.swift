import Foundation
import Surfaces
import Testing

@Suite struct SlopeAgreementTests {
  let width = 12
  let height = 9

  /// Returns a plane with pixels of 10 m by 20 m.
  private func plane(_ east: Double, _ south: Double) -> [Float] {
    (0..<width * height).map {
      Float(east * Double($0 % width) * 10 + south * Double($0 / width) * 20)
    }
  }

  private func agreement(_ a: [Float], _ b: [Float]) -> SlopeAgreement? {
    SlopeAgreement(of: a, to: b, width: width, pixelWidth: 10, pixelHeight: 20)
  }

  @Test func `the slope difference of two planes is constant`() throws {
    let found = try #require(agreement(plane(0.75, 1), plane(0.5, 0)))
    let difference = (atan(1.25) - atan(0.5)) * 180 / Double.pi
    #expect(found.count == (width - 2) * (height - 2))
    #expect(abs(found.bias - difference) < 1e-4 && abs(found.rmse - difference) < 1e-4)
    // Pairs in different rows are level in the reference, and pairs in different columns have the correct sign.
    #expect(found.inversionRate == 0)
  }

  @Test func `an inverted surface has the same slopes and only inverted pairs`() throws {
    let found = try #require(agreement(plane(-0.5, -0.2), plane(0.5, 0.2)))
    #expect(abs(found.rmse) < 1e-4 && found.inversionRate == 1)
    #expect(try #require(agreement(plane(0, 0), plane(0.5, 0.2))).inversionRate == 0.5)
  }

  @Test func `a void removes nine slopes and four pairs`() throws {
    var holed = plane(0.5, 0.2)
    holed[4 * width + 5] = .nan
    let found = try #require(agreement(holed, plane(0.5, 0.2)))
    #expect(found.count == (width - 2) * (height - 2) - 9)
    #expect(found.inversionRate == 0)
  }
}
