import Evaluation
import Scenes
import Tensors
import TestModels
import Testing

@Suite struct PaperMetricsTests {
  /// Expected values are from the paper's own program and scikit-image, on formula-generated numbers.
  @Test func `the metrics match the paper's program`() throws {
    var generator = FormulaWeights.generator("met.gt")
    let truth = (0..<4096).map { i in
      let u = generator.unit()
      return i < 8 * 64 ? 0 : Float((256 * u * u).rounded(.down))
    }
    generator = FormulaWeights.generator("met.pr")
    let prediction = truth.map { Float(0.8 * Double($0) / 255 + 0.2 * generator.unit()) }
    let found = try PaperMetrics(prediction, truth: truth, width: 64)
    let expected = [
      (found.mae, 19.510498046875), (found.rmse, 23.866792678833008),
      (found.delta1, 0.47216796875), (found.delta2, 0.56787109375), (found.delta3, 0.624267578125),
      (found.psnr, 20.57492249968999), (found.ssim, 0.9024141543199681),
    ]
    for (found, expected) in expected {
      #expect(abs(found - expected) < 1e-5 * expected, "\(found), expected \(expected)")
    }
  }

  let hills = (0..<400).map { Float(($0 * 37) % 101) }

  @Test func `scale and offset of a prediction do not matter`() throws {
    let same = try PaperMetrics(hills.map { 3 * $0 - 50 }, truth: hills, width: 20)
    #expect(abs(same.mae - 1e-6) < 1e-12)
    #expect(abs(same.ssim - 1) < 1e-12)
    // Only pixels that are 0 in both are misses.
    let zeros = Double(hills.count { $0 == 0 }) / 400
    #expect(same.delta1 == 1 - zeros && same.delta3 == same.delta1)
  }

  @Test func `an inverted prediction has a large error and negative similarity`() throws {
    let inverted = try PaperMetrics(hills.map { -$0 }, truth: hills, width: 20)
    #expect(inverted.mae > 100 && inverted.ssim < 0)
  }

  @Test func `a prediction without relief has finite metrics`() throws {
    let flat = try PaperMetrics([Float](repeating: 7, count: 400), truth: hills, width: 20)
    #expect(flat.delta1 == 0 && flat.mae > 100 && flat.psnr.isFinite && flat.ssim.isFinite)
  }

  @Test func `voids and images that are too small are refused`() {
    var holed = hills
    holed[7] = .nan
    #expect(throws: SceneError.self) { try PaperMetrics(holed, truth: hills, width: 20) }
    let error = #expect(throws: SceneError.self) {
      try PaperMetrics([Float](repeating: 0, count: 36), truth: hills.prefix(36) + [], width: 6)
    }
    #expect(error?.description.contains("6 × 6") == true)
  }
}
