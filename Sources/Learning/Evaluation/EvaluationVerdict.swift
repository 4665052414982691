/// Whether the heights are better by one figure than something else, as people read it.
struct EvaluationVerdict {
  let surface: String
  let other: String
  let figure: String
  /// The heights' figure less the other's.
  let difference: String
  /// Where it would lie had other ground been judged; nil where nothing tells.
  let range: (low: String, high: String)?
  /// Nil where chance may be all.
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

  /// By the paper's metrics: MAE, and LPIPS where it was measured.
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
    case nil: "not told apart"
    }
  }

  /// A line for a terminal.
  var line: String {
    "\(surface), less \(other), \(figure): \(difference)"
      + (range.map { " [\($0.low), \($0.high)]" } ?? "") + " – \(text)"
  }

  /// For the page.
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
  /// Whether a difference is for the better, or the worse, beyond chance; nil where chance may be all.
  func isBetter(isError: Bool) -> Bool? {
    guard let interval else { return nil }
    if interval.upperBound < 0 { return isError }
    if interval.lowerBound > 0 { return !isError }
    return nil
  }
}
