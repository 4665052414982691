import Surfaces
import Testing

@Suite struct RobustRegressionTests {
  private let x = (0..<500).map { Float($0 * 37 % 101) }

  @Test func `a line is recovered with and without blunders`() throws {
    var y = x.map { 3 * $0 - 7 }
    let clean = try #require(RobustRegression(of: x, to: y))
    #expect(abs(clean.scale - 3) < 1e-6 && abs(clean.shift + 7) < 1e-4 && clean.count == 500)
    for i in stride(from: 0, to: 500, by: 10) { y[i] = 5000 }
    y[3] = .nan
    let robust = try #require(RobustRegression(of: x, to: y))
    #expect(abs(robust.scale - 3) < 0.01 && robust.count == 499)
  }

  @Test func `a negative relation has scale 0 unless negative scales are allowed`() throws {
    let y = x.map { 10 - 2 * $0 }
    #expect(try #require(RobustRegression(of: x, to: y)).scale == 0)
    #expect(
      abs(try #require(RobustRegression(of: x, to: y, allowsNegativeScale: true)).scale + 2) < 1e-6)
  }

  /// Errors in the values reduce the scale of the regression below the ratio of the spreads.
  @Test func `uninformative values have scale 0`() throws {
    let other = (0..<500).map { Float($0 * 53 % 97) }
    let fit = try #require(RobustRegression(of: x, to: other, allowsNegativeScale: true))
    #expect(abs(fit.scale) < 0.15)
    #expect(try #require(RobustRegression(of: [2, 2, 2], to: [1, 5, 9])).scale == 0)
    #expect(RobustRegression(of: [.nan], to: [1]) == nil)
  }
}
