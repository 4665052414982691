/// Whether the heights are better than another surface by one metric, formatted for people.
struct EvaluationVerdict {
  let surface: String
  let other: String
  let figure: String
  /// The heights' value minus the other's.
  let difference: String
  /// The 95 % interval of the difference; nil if unknown.
  let range: (low: String, high: String)?
  /// Whether the heights are significantly better or worse; nil if there is no significant difference.
  let isBetter: Bool?

  private init(
    _ surface: String, _ other: String, _ figure: String, _ difference: Estimate, isError: Bool,
    _ text: (Double) -> String
  ) {
    (self.surface, self.other, self.figure) = (surface, other, figure)
    self.difference = text(difference.value)
    range = difference.interval.map { (text($0.lowerBound), text($0.upperBound)) }
    isBetter = difference.isBetter(isError: isError)
  }

  init(_ comparison: EvaluationReport.Comparison) {
    self.init(
      comparison.surface, comparison.other, comparison.metric.title, comparison.difference,
      isError: comparison.metric.isError, comparison.metric.text)
  }

  /// Returns verdicts by the paper's metrics: MAE, and LPIPS if it was measured.
  static func all(of comparison: PaperComparison) -> [EvaluationVerdict] {
    [("MAE of 255", comparison.mae, 2), ("LPIPS", comparison.lpips, 3)].compactMap {
      figure, difference, decimals in
      difference.map {
        EvaluationVerdict("heights", comparison.other, figure, $0, isError: true) {
          $0.text(decimals: decimals)
        }
      }
    }
  }

  var text: String {
    switch isBetter {
    case true?: "better"
    case false?: "worse"
    case nil: "no significant difference"
    }
  }

  /// The verdict as a line for a terminal.
  var line: String {
    "\(surface), minus \(other), \(figure): \(difference)"
      + (range.map { " [\($0.low), \($0.high)]" } ?? "") + " – \(text)"
  }

  /// The verdict as template values for the HTML page.
  var row: [String: Any] {
    [
      "other": other, "metric": figure, "difference": difference,
      "range": range.map { "\($0.low) … \($0.high)" } ?? "", "verdict": text,
      "style": isBetter == true ? "good" : isBetter == false ? "error" : "note",
    ]
  }
}

extension EvaluationReport {
  var verdicts: [EvaluationVerdict] {
    comparisons.map(EvaluationVerdict.init) + paperComparisons.flatMap(EvaluationVerdict.all)
  }
}

extension Estimate {
  /// Whether a difference is significantly better or worse; nil if its interval contains 0 or is unknown.
  func isBetter(isError: Bool) -> Bool? {
    guard let interval else { return nil }
    if interval.upperBound < 0 { return isError }
    if interval.lowerBound > 0 { return !isError }
    return nil
  }
}
