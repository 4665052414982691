/// How the scene's range of values becomes the 0…255 that the network sees.
public enum Stretch: Hashable, Sendable, Codable {
  /// Between two percentiles of the valid samples.
  case percentile(Double, Double)
  /// Between the smallest and the largest valid sample.
  case minMax
  /// Between two given values.
  case range(Double, Double)

  /// As the command line takes it: `percentile:1,99`, `minmax` or `LO,HI`.
  public init?(_ text: String) {
    let isPercentile = text.hasPrefix("percentile:")
    let numbers = text.dropFirst(isPercentile ? 11 : 0).split(
      separator: ",", omittingEmptySubsequences: false
    ).map { Double($0) }
    if text == "minmax" {
      self = .minMax
    } else if numbers.count == 2, let low = numbers[0], let high = numbers[1], low < high,
      low.isFinite, high.isFinite
    {
      guard isPercentile else {
        self = .range(low, high)
        return
      }
      guard low >= 0, high <= 100 else { return nil }
      self = .percentile(low, high)
    } else {
      return nil
    }
  }
}

extension Stretch: CustomStringConvertible {
  public var description: String {
    switch self {
    case .percentile(let low, let high): "percentile:\(low),\(high)"
    case .minMax: "minmax"
    case .range(let low, let high): "\(low),\(high)"
    }
  }
}

/// ONE calibration for the whole scene, the same for every tile and stage.
///
/// A stretch of its own for each tile would put each on a ruler of its own before the network has seen it.
public struct Radiometry: Hashable, Sendable, Codable {
  /// Whether all bands share one stretch, which keeps their ratios, or have one each.
  public enum Bands: String, Sendable, Codable, CaseIterable { case joint, each }

  /// The sample values that become 0 and 255, for each selected band.
  public let low: [Float]
  public let high: [Float]
  /// What stands in for invalid pixels, 0…255: the band's median, so that they draw no edge of their own.
  public let fill: [Float]
  /// Every k-th row and column was measured.
  public let step: Int
  /// Valid pixels measured.
  public let count: Int
  /// The share of their samples that lies outside the stretch, 0…1.
  public let clippedShare: Double

  /// From the samples of each band that are there, which need not be equally many.
  ///
  /// - Throws: `SceneError` if a band has none, or if the stretch would have no width.
  public init(
    _ stretch: Stretch, bands: Bands, samples: [[Float]], step: Int, numbers: [Int]
  ) throws {
    let empty = zip(samples, numbers).filter { $0.0.isEmpty }.map(\.1)
    guard empty.isEmpty, let most = samples.map(\.count).max() else {
      throw SceneError(
        .badData,
        "no pixel of band \(Self.join(empty)) is valid: choose others with --bands, or say what means no data with "
          + "--src-nodata")
    }
    var ranges: [(Float, Float)] = []
    let sorted = samples.map { $0.sorted() }
    switch (stretch, bands) {
    case (.range(let low, let high), _):
      ranges = samples.map { _ in (Float(low), Float(high)) }
    case (_, .joint):
      let pooled = samples.count == 1 ? sorted[0] : samples.flatMap(\.self).sorted()
      ranges = samples.map { _ in Self.range(of: pooled, stretch) }
    case (_, .each):
      ranges = sorted.map { Self.range(of: $0, stretch) }
    }
    for (range, number) in zip(ranges, numbers)
    where !(range.0 < range.1 && (range.1 - range.0).isFinite) {
      throw SceneError(
        .badData,
        "the stretch \(stretch) of band \(number) runs from \(range.0) to \(range.1), expected a finite width; "
          + "give limits with --stretch LO,HI")
    }
    self.low = ranges.map(\.0)
    self.high = ranges.map(\.1)
    self.step = step
    count = most
    let clipped = zip(samples, ranges).reduce(0) { sum, band in
      sum + band.0.count { $0 < band.1.0 || $0 > band.1.1 }
    }
    clippedShare = Double(clipped) / Double(samples.reduce(0) { $0 + $1.count })
    fill = zip(sorted, ranges).map { values, range in
      Self.calibrated(values[(values.count - 1) / 2], from: range.0, to: range.1)
    }
  }

  /// Sample values of one pixel's band as 0…255, clipped.
  func calibrated(_ value: Float, band: Int) -> Float {
    Self.calibrated(value, from: low[band], to: high[band])
  }

  private static func calibrated(_ value: Float, from low: Float, to high: Float) -> Float {
    min(max((value - low) / (high - low), 0), 1) * 255
  }

  private static func range(of sorted: [Float], _ stretch: Stretch) -> (Float, Float) {
    guard case .percentile(let low, let high) = stretch else { return (sorted[0], sorted.last!) }
    return (quantile(sorted, low / 100), quantile(sorted, high / 100))
  }

  /// Linear between order statistics, as numpy's default.
  ///
  /// Type 7 of R. J. Hyndman and Y. Fan, Am. Stat. 50, 1996, doi:10.2307/2684934.
  private static func quantile(_ sorted: [Float], _ share: Double) -> Float {
    let position = share * Double(sorted.count - 1)
    let lower = Int(position)
    let upper = min(lower + 1, sorted.count - 1)
    let fraction = position - Double(lower)
    return Float(Double(sorted[lower]) * (1 - fraction) + Double(sorted[upper]) * fraction)
  }

  private static func join(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }
}
