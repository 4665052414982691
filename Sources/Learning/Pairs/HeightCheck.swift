import Foundation

/// What the heights of a DEM themselves tell: whether they are heights, and of which kind.
struct HeightCheck {
  private(set) var findings: [PairFinding] = []
  /// Whether they were stretched to a byte: of no unit.
  private(set) var isByte = false

  /// The deepest sea and the highest land, with room for waves and for other data.
  private static let possible: ClosedRange<Float> = -11_000...9_000
  /// An extreme this far from the rest, against the range of the middle nine tenths, is none of the terrain's.
  private static let farShare: Float = 0.25
  /// An extreme that is no accident is there this often.
  private static let repeatedShare = 1e-4
  private static let mostLevels = 256

  init(_ sample: HeightSample) {
    let sorted = sample.sorted
    guard let low = sorted.first, let high = sorted.last else {
      findings.append(PairFinding(.error, .constant, "the DEM is void where the image lies"))
      return
    }
    guard low < high else {
      findings.append(
        PairFinding(
          .error, .constant, "all heights of the DEM are \(Self.text(low)): there is no relief"))
      return
    }
    let outside = sorted.count { !Self.possible.contains($0) }
    if outside > 0 {
      let worst = Self.possible.contains(low) ? high : low
      findings.append(
        PairFinding(
          .error, .impossibleHeight,
          String(
            format:
              "%.2g %% of the heights are such as %@ m, and none on Earth is below −11 000 m or above 9000 m: "
              + "is this a nodata value that isn't declared?",
            100 * Double(outside) / Double(sorted.count), Self.text(worst))))
    }
    findings += Self.hiddenNoData(sorted.filter(Self.possible.contains))
    for edge in sample.edges {
      // The sea is as low as a DEM goes; a margin that is lower than all else is hidden nodata already.
      let isLowest = edge.height <= low + 0.02 * (high - low)
      findings.append(
        PairFinding(
          isLowest ? .note : .warning, .constantEdge,
          "the DEM's \(edge.side) edge has \(edge.lines)\(edge.lines == 16 ? " or more" : "") lines with nothing but "
            + "\(Self.text(edge.height)): "
            + (isLowest ? "sea, or a margin without data" : "a margin without data?")))
    }
    let levels = Self.levels(sorted)
    isByte = low == 0 && high == 255 && levels?.allSatisfy { $0 == $0.rounded() } == true
    if isByte {
      findings.append(
        PairFinding(
          .warning, .byteHeights,
          "heights are the whole numbers of 0 to 255: stretched to a byte, so relative, not metres"
        ))
    } else if let levels, let step = Self.step(levels), step > 1 {
      findings.append(
        PairFinding(
          .warning, .terraces,
          "heights have only \(levels.count) levels, \(Self.text(step)) apart: terraces, which slopes are made of no more"
        ))
    }
  }

  /// A least or greatest height that many pixels share, with nothing near it.
  private static func hiddenNoData(_ sorted: [Float]) -> [PairFinding] {
    guard let low = sorted.first, let high = sorted.last, low < high else { return [] }
    return [(low, sorted), (high, sorted.reversed())].compactMap { value, values in
      let count = values.prefix { $0 == value }.count
      let rest = values.dropFirst(count)
      guard count >= 4, Double(count) >= repeatedShare * Double(values.count),
        rest.count >= 100, let next = rest.first
      else { return nil }
      let middle = Array(rest)
      let spread = abs(middle[middle.count * 19 / 20] - middle[middle.count / 20])
      guard abs(next - value) > farShare * spread, abs(next - value) > 1 else { return nil }
      return PairFinding(
        .warning, .hiddenNoData,
        String(
          format:
            "%.2g %% of the heights are exactly %@, and the next is %@: is this a nodata value that isn't declared?",
          100 * Double(count) / Double(values.count), text(value), text(next)))
    }
  }

  /// The different heights, ascending; nil where there are more than a byte can tell, or too few pixels to say.
  private static func levels(_ sorted: [Float]) -> [Float]? {
    guard sorted.count >= 1000 else { return nil }
    var levels: [Float] = []
    for value in sorted where value != levels.last {
      levels.append(value)
      if levels.count > mostLevels { return nil }
    }
    return levels
  }

  /// The distance of which all distances between levels are multiples; nil where there is none, or too few levels.
  private static func step(_ levels: [Float]) -> Float? {
    let gaps = zip(levels.dropFirst(), levels).map { $0 - $1 }
    guard gaps.count >= 8, let step = gaps.min() else { return nil }
    // Levels are often written with few digits.
    let isEven = gaps.allSatisfy { abs($0 / step - ($0 / step).rounded()) < 0.02 }
    return isEven ? step : nil
  }

  private static func text(_ height: Float) -> String { String(format: "%.6g", height) }
}
