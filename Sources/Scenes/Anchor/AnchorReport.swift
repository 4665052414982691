import Foundation
public import Fusion
import Grids

/// What was added to a reference, and why.
public struct AnchorReport: Sendable {
  /// A source of detail.
  public struct Source: Sendable {
    /// The name of the source.
    public let name: String
    /// The test in each region.
    public let tests: [OctaveTest]

    /// The number of regions where the source was used.
    public var usedCount: Int { tests.count { $0.share > 0 } }

    /// The mean of a property of the tests over all regions; 0 without any.
    public func mean(_ property: KeyPath<OctaveTest, Double>) -> Double {
      tests.reduce(0) { $0 + $1[keyPath: property] } / Double(max(tests.count, 1))
    }

    /// What was decided, as text.
    public var text: String {
      guard !tests.isEmpty else { return "\(name): not used" }
      let score = String(
        format: "removes %d %% of the squared error one octave up, surely more than %d %%",
        Int((100 * mean(\.score)).rounded()), Int((100 * mean(\.surelyAbove)).rounded()))
      guard usedCount > 0 else { return "\(name): not used; \(score)" }
      return
        "\(name): used in \(usedCount) of \(tests.count) regions, share "
        + String(format: "%.2f; ", mean(\.share)) + score
    }
  }

  /// The sources of detail.
  public let sources: [Source]
  /// The direction of the light, as text; nil if it is unknown.
  public let light: String?
  /// The shift of the image, as text; nil if it is unknown.
  public let shift: String?
  /// The number of cells and their size, as text.
  public let cells: String
  let counts: AnchorCounts

  /// The number of pixels with a height.
  public var heights: Int { counts.heights }
  /// The number of those without detail of their own.
  public var withoutDetail: Int { counts.plain }
  /// The number of valid pixels where the reference has no height.
  public var voids: Int { counts.voids }

  init(_ anchor: AnchorPlan, _ counts: AnchorCounts, tests: [[OctaveTest]]) {
    self.counts = counts
    sources = zip(anchor.sources, tests).map { Source(name: $0.name, tests: $1) }
    (light, shift) = (anchor.lightText, anchor.shiftText)
    cells = String(
      format: "%d × %d of %.1f m, %d pixels wide", anchor.lattice.cells.width,
      anchor.lattice.cells.height, anchor.cellSize, anchor.lattice.factor)
  }

  /// The lines for a user.
  public var lines: [String] {
    var lines = ["cells     \(cells)"]
    if let light { lines.append("light     \(light)") }
    if let shift { lines.append("shift     \(shift)") }
    lines += sources.map { "detail    \($0.text)" }
    if withoutDetail > 0 {
      lines.append(
        String(
          format: "detail    %.1f %% of the heights are the enlarged reference's",
          100 * Double(withoutDetail) / Double(max(heights, 1))))
    }
    return lines
  }

  /// The tags of the output.
  var tags: [String: String] {
    var tags = counts.tags
    for source in sources { tags["RELIEF_DETAIL_\(source.name.uppercased())"] = source.text }
    return tags
  }
}

extension AnchorPlan {
  /// The direction of the light in the image.
  var lightText: String? {
    survey.sun.map {
      String(
        format: "slopes are bright towards %.0f° from the top of the image, correlation %.2f%@",
        $0.degrees, $0.agreement,
        survey.isSunLikely ? "" : "; that is not the sun, so brightness is not integrated along it")
    }
  }

  /// How far the image lies from the reference.
  var shiftText: String? {
    guard survey.isSunLikely || survey.isShifted, let shift = survey.shift,
      let pixels = survey.pixelsPerCell,
      3 * shift.deviation < Double(pixels)
    else { return nil }
    let size = cellSize / Double(pixels)
    return String(
      format: "the image lies %.1f m to the right and %.1f m down, ± %.1f m%@",
      shift.columns * size, shift.rows * size, shift.deviation * size,
      survey.isShifted ? "; no detail is added" : "")
  }
}
