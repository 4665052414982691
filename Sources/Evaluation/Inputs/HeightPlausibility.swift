import PairChecks
import Scenes

/// Checks that values to be evaluated are plausible heights, as the pair doctor does.
enum HeightPlausibility {
  /// Checks a sample of heights.
  ///
  /// - Parameters:
  ///   - values: Evenly spaced values; NaN where there is none.
  ///   - path: The path of the raster, for messages.
  ///   - isMetric: Whether the values are in meters.
  /// - Returns: Warnings.
  /// - Throws: `SceneError` if all values are equal, or if values in meters do not occur on Earth.
  static func notes(of values: [Float], _ path: String, isMetric: Bool) throws -> [String] {
    let check = HeightCheck(HeightSample(sorted: values.filter { !$0.isNaN }.sorted()))
    for finding in check.findings where finding.severity == .error {
      guard finding.code == .constant || isMetric else { continue }
      throw SceneError(.badData, "\(path): \(finding.message)")
    }
    return check.findings.filter { $0.code == .hiddenNoData }.map { "\(path): \($0.message)" }
  }
}
