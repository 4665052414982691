public import DepthModels
import Foundation
import Scenes
import Tensors

/// The metrics of the D3-RSMDE paper for one image.
///
/// Prediction and truth are each stretched to 0…255 by their own minimum and maximum, and rounded. The metrics are
/// invariant to a positive scale and an offset of the prediction, but two pixels determine the stretch, so a single
/// outlier affects all others. Source: the evaluation published with arXiv:2603.16362, `Utils/calculateDiff.py`.
public struct PaperMetrics: Sendable, Codable, Equatable {
  /// The mean absolute difference, on a scale of 0 to 255.
  public var mae: Double
  /// The root mean square difference, on a scale of 0 to 255.
  public var rmse: Double
  /// The fraction of pixels whose ratio, the larger over the smaller value, is below 1.25.
  ///
  /// A pixel at which either value is 0 is a miss, even if both are.
  public var delta1: Double
  /// As `delta1`, with a threshold of 1.25².
  public var delta2: Double
  /// As `delta1`, with a threshold of 1.25³.
  public var delta3: Double
  /// 10 · log₁₀(255² / mean squared difference), in dB.
  public var psnr: Double
  /// The structural similarity, −1…1.
  public var ssim: Double
  /// The perceptual distance; nil without the network, or if the image is smaller than its minimum input.
  public var lpips: Double?

  /// Computes the metrics of one image.
  ///
  /// - Parameters:
  ///   - prediction: `[row, column]`, larger is higher.
  ///   - truth: `[row, column]`, larger is higher.
  ///   - width: The number of columns of both.
  ///   - lpips: The network of the perceptual distance; nil omits it.
  /// - Throws: `SceneError` if a value is not finite or the images are smaller than `Similarity.window`.
  public init(_ prediction: [Float], truth: [Float], width: Int, lpips: LPIPS? = nil) throws {
    precondition(
      prediction.count == truth.count && width > 0 && truth.count % width == 0,
      "\(prediction.count) predictions, \(truth.count) truths, rows of \(width)")
    let height = truth.count / width
    guard min(width, height) >= Similarity.window else {
      throw SceneError(
        .badData,
        "an image of \(width) × \(height) pixels is too small for SSIM, expected at least "
          + "\(Similarity.window) × \(Similarity.window)")
    }
    let a = try Self.stretched(prediction, "the prediction")
    let b = try Self.stretched(truth, "the truth")
    let count = Double(a.count)
    var (absolute, squared) = (0.0, 0.0)
    var hits = [0, 0, 0]
    for (a, b) in zip(a, b) {
      // The original implementation replaces differences of 0, so that the logarithm is finite.
      let difference = a == b ? 1e-6 : abs(Double(a) - Double(b))
      absolute += difference
      squared += difference * difference
      guard a > 0, b > 0 else { continue }
      let ratio = Double(max(a, b)) / Double(min(a, b))
      for (index, threshold) in [1.25, 1.5625, 1.953125].enumerated() where ratio < threshold {
        hits[index] += 1
      }
    }
    mae = absolute / count
    rmse = (squared / count).squareRoot()
    (delta1, delta2, delta3) = (
      Double(hits[0]) / count, Double(hits[1]) / count, Double(hits[2]) / count
    )
    psnr = 10 * log10(255 * 255 / (squared / count))
    ssim = Similarity(a, b, width: width).mean
    self.lpips = lpips.flatMap { network in
      guard min(width, height) >= LPIPS.minimumSide else { return nil }
      func image(_ levels: [Float]) -> Tensor {
        Tensor(
          [1, height, width, 3],
          levels.flatMap { Array(repeating: ($0 - 127.5) / 127.5, count: 3) })
      }
      return network(image(a), image(b))
    }
  }

  /// Returns values stretched to 0…255 and rounded, halves to even; all 0 if all values are equal.
  private static func stretched(_ values: [Float], _ name: String) throws -> [Float] {
    if let odd = values.first(where: { !$0.isFinite }) {
      throw SceneError(
        .badData,
        "\(name) contains \(odd), expected finite numbers: the paper's metrics do not support voids"
      )
    }
    let (low, high) = (values.min() ?? 0, values.max() ?? 0)
    guard high > low else { return values.map { _ in 0 } }
    return values.map { (($0 - low) / (high - low) * 255).rounded(.toNearestOrEven) }
  }
}
