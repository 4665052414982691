import Foundation

/// Whether the values of a DEM are plausible heights, and of which kind.
package struct HeightCheck {
  package private(set) var findings: [PairFinding] = []
  /// Whether heights were stretched to a byte and have no unit.
  package private(set) var isByte = false

  /// The range of heights on Earth, with a margin for waves and inaccurate data.
  private static let plausibleRange: ClosedRange<Float> = -11_000...9_000
  /// An extreme is an outlier if its gap to the other heights exceeds this fraction of their 5–95 % range.
  private static let minOutlierGap: Float = 0.25
  /// The minimum fraction of pixels with an extreme value for it to be suspected as nodata.
  private static let minRepeatedShare = 1e-4
  private static let maxLevels = 256

  package init(_ sample: HeightSample) {
    let sorted = sample.sorted
    guard let low = sorted.first, let high = sorted.last else {
      findings.append(PairFinding(.error, .constant, "the DEM is void within the image"))
      return
    }
    guard low < high else {
      findings.append(
        PairFinding(
          .error, .constant, "all heights of the DEM are \(Self.text(low)): there is no relief"))
      return
    }
    let outside = sorted.count { !Self.plausibleRange.contains($0) }
    if outside > 0 {
      let worst = Self.plausibleRange.contains(low) ? high : low
      findings.append(
        PairFinding(
          .error, .impossibleHeight,
          String(
            format:
              "%.2g %% of the heights are like %@ m, outside the range on Earth, −11 000 m to 9000 m: "
              + "is this an undeclared nodata value?",
            100 * Double(outside) / Double(sorted.count), Self.text(worst))))
    }
    findings += Self.hiddenNoData(sorted.filter(Self.plausibleRange.contains))
    for edge in sample.edges {
      // The sea is the lowest height of a DEM; a margin far below all other heights is reported as hidden nodata
      // already.
      let isLowest = edge.height <= low + 0.02 * (high - low)
      findings.append(
        PairFinding(
          isLowest ? .note : .warning, .constantEdge,
          "the DEM's \(edge.side) edge has \(edge.lines)\(edge.lines == 16 ? " or more" : "") lines with the same "
            + "height, \(Self.text(edge.height)): "
            + (isLowest ? "sea, or a margin without data" : "possibly a margin without data")))
    }
    let levels = Self.levels(sorted)
    isByte = low == 0 && high == 255 && levels?.allSatisfy { $0 == $0.rounded() } == true
    if isByte {
      findings.append(
        PairFinding(
          .warning, .byteHeights,
          "heights are the whole numbers from 0 to 255: stretched to a byte, so relative, not meters"
        ))
    } else if let levels, let step = Self.step(levels), step > 1 {
      findings.append(
        PairFinding(
          .warning, .terraces,
          "heights have only \(levels.count) levels, \(Self.text(step)) apart: slopes are distorted into terraces"
        ))
    }
  }

  /// Finds a minimum or maximum that many pixels share and that is far from all other heights.
  private static func hiddenNoData(_ sorted: [Float]) -> [PairFinding] {
    guard let low = sorted.first, let high = sorted.last, low < high else { return [] }
    return [(low, sorted), (high, sorted.reversed())].compactMap { value, values in
      let count = values.prefix { $0 == value }.count
      let rest = values.dropFirst(count)
      guard count >= 4, Double(count) >= minRepeatedShare * Double(values.count),
        rest.count >= 100, let next = rest.first
      else { return nil }
      let middle = Array(rest)
      let spread = abs(middle[middle.count * 19 / 20] - middle[middle.count / 20])
      guard abs(next - value) > minOutlierGap * spread, abs(next - value) > 1 else { return nil }
      return PairFinding(
        .warning, .hiddenNoData,
        String(
          format:
            "%.2g %% of the heights are exactly %@, and the next is %@: is this an undeclared nodata value?",
          100 * Double(count) / Double(values.count), text(value), text(next)))
    }
  }

  /// Returns the distinct heights, ascending; nil if there are more than 256 or too few pixels.
  private static func levels(_ sorted: [Float]) -> [Float]? {
    guard sorted.count >= 1000 else { return nil }
    var levels: [Float] = []
    for value in sorted where value != levels.last {
      levels.append(value)
      if levels.count > maxLevels { return nil }
    }
    return levels
  }

  /// Returns the spacing that all gaps between levels are multiples of; nil if there is none, or too few levels.
  private static func step(_ levels: [Float]) -> Float? {
    let gaps = zip(levels.dropFirst(), levels).map { $0 - $1 }
    guard gaps.count >= 8, let step = gaps.min() else { return nil }
    // Levels are often stored with few digits.
    let isEven = gaps.allSatisfy { abs($0 / step - ($0 / step).rounded()) < 0.02 }
    return isEven ? step : nil
  }

  private static func text(_ height: Float) -> String { String(format: "%.6g", height) }
}
