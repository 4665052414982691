import Foundation

/// A value that a scene does not declare as nodata and that looks like it.
///
/// Looked at are the least and the greatest sample and 0, where all bands of a pixel hold it. It looks like nodata if it
/// fills a fifth of the valid pixels; or a hundredth of them and a tenth of the scene's edge; or a thousandth, and is
/// further from all other samples than nineteen in twenty of these are from one another.
struct UndeclaredNoData {
  let value: Float
  /// Of the valid pixels, 0…1.
  let share: Double
  /// Of the places on the scene's edge, 0…1.
  let edgeShare: Double
  private let bandCount: Int

  private static let (leastFilled, leastAtEdge, leastApart) = (0.2, 0.01, 0.001)

  /// Nil where there is none.
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
      guard holding < count, share >= Self.leastApart else { continue }
      if share >= Self.leastFilled || (share >= Self.leastAtEdge && edgeShare >= 0.1)
        || Self.isApart(candidate, from: samples)
      {
        (value, self.share, self.edgeShare) = (candidate, share, edgeShare)
        return
      }
    }
    return nil
  }

  /// Whether a value lies further from all other samples than the middle 95 % of these spread.
  private static func isApart(_ value: Float, from samples: [[Float]]) -> Bool {
    let others = samples.flatMap { $0.filter { $0 != value && !$0.isNaN } }.sorted()
    guard let first = others.first, let last = others.last else { return false }
    let spread = others[others.count * 39 / 40] - others[others.count / 40]
    return max(first - value, value - last) > max(spread, .ulpOfOne * abs(last))
  }

  /// As `35 % of the pixels are 0 in all bands …: if that means no data, say --src-nodata 0`, and that they count in
  /// the stretch if that was measured.
  func note(isMeasured: Bool) -> String {
    let text =
      value == value.rounded() && abs(value) < 1e7 ? "\(Int(value))" : "\(value)"
    return Self.percent(share) + " of the pixels are \(text)"
      + (bandCount == 1 ? "" : " in all bands")
      + (edgeShare > share ? ", most at the edges" : "")
      + (isMeasured ? ", and count in the stretch" : "")
      + ": if that means no data, say --src-nodata \(text)"
  }

  private static func percent(_ share: Double) -> String {
    String(format: share < 0.1 ? "%.1f %%" : "%.0f %%", share * 100)
  }
}
