import Foundation
import Surfaces

/// A value that looks like nodata but is not declared as such.
///
/// The candidates are the smallest sample, the largest sample and 0, where all bands of a pixel have that value. A
/// candidate looks like nodata if it fills a fifth of the valid pixels; or a hundredth of them and a tenth of the
/// scene's edge; or a thousandth of them, and its distance from all other samples exceeds the width of their central
/// 95 %.
struct UndeclaredNoData {
  /// The value.
  let value: Float
  /// The share of the valid pixels with the value, 0…1.
  let share: Double
  /// The share of the positions on the scene's edge with the value, 0…1.
  let edgeShare: Double
  private let bandCount: Int

  /// The minimum shares of the valid pixels: anywhere, at the scene's edge, and far from all other samples.
  private static let (minimumFill, minimumAtEdge, minimumFar) = (0.2, 0.01, 0.001)

  /// Searches the samples of a survey; returns nil if no value looks like nodata.
  init?(in survey: SceneSurvey) {
    let samples = survey.samples
    bandCount = samples.count
    let count = samples[0].count
    guard count > 0 else { return nil }
    var (least, greatest) = (Float.infinity, -Float.infinity)
    for band in samples {
      for value in band where !value.isNaN {
        (least, greatest) = (min(least, value), max(greatest, value))
      }
    }
    for candidate in [least, greatest, 0] {
      var (holding, onEdge) = (0, 0)
      for pixel in 0..<count where samples.allSatisfy({ $0[pixel] == candidate }) {
        holding += 1
        if survey.isOnEdge[pixel] { onEdge += 1 }
      }
      let share = Double(holding) / Double(count)
      let edgeShare = Double(onEdge) / Double(survey.edgeCount)
      guard holding < count, share >= Self.minimumFar else { continue }
      if share >= Self.minimumFill || (share >= Self.minimumAtEdge && edgeShare >= 0.1)
        || Self.isApart(candidate, from: samples)
      {
        (value, self.share, self.edgeShare) = (candidate, share, edgeShare)
        return
      }
    }
    return nil
  }

  /// Returns whether a value is farther from all other samples than the width of their central 95 %.
  private static func isApart(_ value: Float, from samples: [[Float]]) -> Bool {
    let others = samples.flatMap { $0.filter { $0 != value && !$0.isNaN } }
    guard let first = others.min(), let last = others.max() else { return false }
    let limits = others.orderStatistics([others.count / 40, others.count * 39 / 40])
    let spread = limits[1] - limits[0]
    return max(first - value, value - last) > max(spread, .ulpOfOne * abs(last))
  }

  /// Describes the value and its share, and names the option that declares it as nodata.
  ///
  /// - Parameter isMeasured: Whether the stretch is measured, so that the value affects it.
  /// - Returns: A text such as `35 % of the pixels are 0 in all bands: if this is nodata, use --src-nodata 0`.
  func note(isMeasured: Bool) -> String {
    let text =
      value == value.rounded() && abs(value) < 1e7 ? "\(Int(value))" : "\(value)"
    return Self.percent(share) + " of the pixels are \(text)"
      + (bandCount == 1 ? "" : " in all bands")
      + (edgeShare > share ? ", most at the edges" : "")
      + (isMeasured ? ", and count in the stretch" : "")
      + ": if this is nodata, use --src-nodata \(text)"
  }

  private static func percent(_ share: Double) -> String {
    String(format: share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100)
  }
}
