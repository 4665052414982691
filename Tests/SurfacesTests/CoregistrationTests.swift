import Foundation
import Surfaces
import Testing

@Suite struct CoregistrationTests {
  let width = 160
  let height = 120

  /// Returns hills of several wavelengths, which are also defined between pixels.
  private func hills(right: Double = 0, down: Double = 0, up: Double = 0) -> [Float] {
    (0..<width * height).map { i in
      let (x, y) = (Double(i % width) - right, Double(i / width) - down)
      return Float(
        up + 40 * sin(x / 9) * cos(y / 11) + 25 * sin((x + y) / 17) + 6 * cos((x - 2 * y) / 5))
    }
  }

  @Test(arguments: [(0.0, 0.0, 0.0), (0.4, -0.3, 2), (-2.7, 1.6, -15), (4.2, 3.9, 300)])
  func `a known displacement is recovered`(right: Double, down: Double, up: Double) throws {
    let shifted = hills(right: right, down: down, up: up)
    let found = try #require(Coregistration(of: shifted, to: hills(), width: width))
    #expect(found.hasConverged)
    #expect(abs(found.columns - right) < 0.05 && abs(found.rows - down) < 0.05, "\(found)")
    #expect(abs(found.up - up) < 0.1)
    let residual = try #require(
      Accuracy(of: found.apply(to: shifted, width: width), to: hills()))
    #expect(residual.nmad < 0.5 && abs(residual.bias) < 0.1)
  }

  @Test func `outliers and voids in a fifth of the pixels do not affect the result`() throws {
    var shifted = hills(right: 1.3, down: -0.8, up: 5)
    for i in stride(from: 0, to: shifted.count, by: 5) { shifted[i] = i % 2 == 0 ? 9000 : .nan }
    var reference = hills()
    for i in 3000..<3500 { reference[i] = .nan }
    let found = try #require(Coregistration(of: shifted, to: reference, width: width))
    #expect(abs(found.columns - 1.3) < 0.1 && abs(found.rows + 0.8) < 0.1, "\(found)")
  }

  @Test func `a plane and parallel ridges determine no displacement`() {
    let plane = (0..<width * height).map { Float($0 % width + 2 * ($0 / width)) }
    #expect(Coregistration(of: plane, to: plane, width: width) == nil)
    let ridges = (0..<width * height).map { Float(sin(Double($0 % width) / 4)) }
    #expect(Coregistration(of: ridges, to: ridges, width: width) == nil)
  }
}
