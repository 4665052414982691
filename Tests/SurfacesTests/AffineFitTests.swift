import Surfaces
import Testing

@Suite struct AffineFitTests {
  private static let relief = (0..<400).map { Float(($0 * 7919) % 211) / 10 }

  @Test(arguments: [(2.0, 5.0), (0.01, -300), (40, 0)])
  func `an exact linear relation is recovered`(scale: Double, shift: Double) throws {
    let reference = Self.relief.map { Float(scale * Double($0) + shift) }
    let fit = try #require(AffineFit(of: Self.relief, to: reference))
    #expect(abs(fit.scale / scale - 1) < 1e-4)
    #expect(abs(fit.shift - shift) < 1e-3 * max(1, abs(shift)))
    #expect(fit.correlation > 0.9999 && fit.count == 400)
  }

  @Test func `outliers do not affect the fit`() throws {
    var reference = Self.relief.map { 3 * $0 + 1 }
    for i in stride(from: 0, to: 400, by: 20) { reference[i] += 500 }
    let fit = try #require(AffineFit(of: Self.relief, to: reference))
    #expect(abs(fit.scale - 3) < 0.1 && abs(fit.shift - 1) < 1)
  }

  @Test func `noise on both sides does not reduce the scale`() throws {
    let noise = (0..<800).map { (i: Int) -> Float in Float(i * 104_729 % 1009) / 1009 * 8 - 4 }
    let values = Self.relief.indices.map { Self.relief[$0] + noise[$0] }
    let reference = Self.relief.indices.map { Self.relief[$0] + noise[400 + $0] }
    let fit = try #require(AffineFit(of: values, to: reference))
    #expect(abs(fit.scale - 1) < 0.05)
  }

  @Test func `pixels with a missing value on either side are ignored`() throws {
    var values = Self.relief
    var reference = Self.relief.map { 2 * $0 }
    for i in 0..<100 { values[i] = .nan }
    for i in 50..<150 { reference[i] = .nan }
    let fit = try #require(AffineFit(of: values, to: reference))
    #expect(fit.count == 250 && abs(fit.scale - 2) < 1e-5)
    #expect(AffineFit(of: [.nan, 1], to: [1, .nan]) == nil)
  }

  @Test func `a flat tile has scale 1 and no trust`() throws {
    let fit = try #require(AffineFit(of: [Float](repeating: 10, count: 400), to: Self.relief))
    #expect(fit.scale == 1 && fit.correlation == 0 && fit.trust == 0)
  }

  @Test func `a tile with a negative correlation has no trust`() throws {
    let reversed = try #require(AffineFit(of: Self.relief, to: Self.relief.map { -9 * $0 }))
    #expect(reversed.correlation < -0.9 && reversed.trust == 0)
  }

  @Test func `moments equal those of the input`() throws {
    let fit = try #require(AffineFit(of: Self.relief, to: Self.relief.map { 3 * $0 + 2 }))
    let mean = Double(Self.relief.reduce(0, +)) / 400
    let variance = Self.relief.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +) / 400
    #expect(abs(fit.mean - mean) < 0.01 && abs(fit.referenceMean - 3 * mean - 2) < 0.03)
    #expect(abs(fit.variance / variance - 1) < 0.01)
    #expect(abs(fit.covariance / variance - 3) < 0.03)
    #expect(abs(fit.referenceVariance / variance - 9) < 0.09)
  }

  @Test(arguments: [3, 4, 6, 8])
  func `a few unrelated pixels have little trust`(count: Int) throws {
    var noise = Noise(seed: 42)
    for _ in 0..<500 {
      let values = (0..<count).map { _ in noise.next() }
      let reference = (0..<count).map { _ in noise.next() }
      let fit = try #require(AffineFit(of: values, to: reference))
      #expect(fit.trust < 0.15, "\(values) \(reference)")
    }
  }

  /// Reproducible noise in −1…1.
  private struct Noise {
    var seed: UInt64
    mutating func next() -> Float {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(seed >> 40) / Float(1 << 23) - 1
    }
  }

  @Test func `a fit is the same after it was stored as numbers`() throws {
    let fit = try #require(AffineFit(of: [1, 2, 4, 7, 5], to: [2.5, 4, 9, 13, 11]))
    #expect(fit.numbers.count == AffineFit.numberCount)
    #expect(AffineFit(numbers: fit.numbers[...]) == fit)
  }
}
