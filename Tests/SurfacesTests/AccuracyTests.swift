import Surfaces
import Testing

@Suite struct AccuracyTests {
  @Test func `a constant difference is only bias`() throws {
    let reference = (0..<500).map { Float($0 * 13 % 97) }
    let accuracy = try #require(Accuracy(of: reference.map { $0 - 4 }, to: reference))
    #expect(accuracy.count == 500)
    #expect(accuracy.bias == -4 && accuracy.median == -4 && accuracy.rmse == 4)
    #expect(accuracy.nmad == 0 && accuracy.le68 == 4 && accuracy.le90 == 4)
  }

  @Test func `quantiles are interpolated between ranks as in NumPy`() throws {
    // Absolute differences are 0, 1, … 10: the 68.3 % quantile is at rank 6.83, and the 90 % quantile is at rank 9.
    // Distances from the median, 5, have the median 3.
    let accuracy = try #require(Accuracy(differences: [3, 9, 0, 7, 10, 1, 5, 2, 8, 4, 6]))
    #expect(abs(accuracy.le68 - 6.83) < 1e-12)
    #expect(accuracy.le90 == 9 && accuracy.median == 5)
    #expect(accuracy.nmad == 1.4826 * 3)
  }

  /// Uses sums of twelve uniform numbers, scaled; normal quantiles by the logistic approximation would be too
  /// inaccurate.
  @Test
  func `NMAD and LE68 equal a normal standard deviation, and NMAD resists outliers`() throws {
    var state: UInt64 = 42
    func unit() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / Double(1 << 53)
    }
    var differences = (0..<100_000).map { _ in 3 * ((0..<12).reduce(-6.0) { s, _ in s + unit() }) }
    let clean = try #require(Accuracy(differences: differences))
    #expect(abs(clean.nmad - 3) < 0.05 && abs(clean.le68 - 3) < 0.05 && abs(clean.rmse - 3) < 0.05)
    for i in 0..<1000 { differences[i * 100] = 5000 }
    let spoiled = try #require(Accuracy(differences: differences))
    #expect(abs(spoiled.nmad - 3) < 0.1)
    #expect(spoiled.rmse > 400)
  }

  @Test func `voids on either side are ignored`() throws {
    let accuracy = try #require(
      Accuracy(of: [1, .nan, 3, 4], to: [0, 0, .nan, 6]))
    #expect(accuracy.count == 2 && accuracy.bias == -0.5)
    #expect(Accuracy(of: [.nan], to: [1]) == nil)
  }
}
