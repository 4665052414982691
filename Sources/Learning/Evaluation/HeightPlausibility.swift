import Scenes

/// Whether numbers that are judged can be heights, as the pair doctor asks.
enum HeightPlausibility {
  /// - Parameters:
  ///   - values: Evenly spread ones; NaN where there is none.
  ///   - path: Whose.
  ///   - isMetric: Whether they are metres.
  /// - Returns: What should be known of them.
  /// - Throws: `SceneError` where metres are none on Earth, or all are one.
  static func notes(of values: [Float], _ path: String, isMetric: Bool) throws -> [String] {
    let check = HeightCheck(HeightSample(sorted: values.filter { !$0.isNaN }.sorted()))
    for finding in check.findings where finding.severity == .error {
      guard finding.code == .constant || isMetric else { continue }
      throw SceneError(.badData, "\(path): \(finding.message)")
    }
    return check.findings.filter { $0.code == .hiddenNoData }.map { "\(path): \($0.message)" }
  }
}
