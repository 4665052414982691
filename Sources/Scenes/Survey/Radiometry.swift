import Surfaces

/// How the scene's sample values are mapped to the range 0…255 of the network's input.
public enum Stretch: Hashable, Sendable, Codable {
  /// Between two percentiles of the valid samples, 0…100.
  case percentile(Double, Double)
  /// Between the minimum and the maximum of the valid samples.
  case minMax
  /// Between two given sample values.
  case range(Double, Double)

  /// Parses the command-line form: `percentile:1,99`, `minmax` or `LO,HI`.
  ///
  /// Returns nil if the text has none of these forms, if a limit is not finite, if LO is not less than HI, or if a
  /// percentile lies outside 0…100.
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
  /// The command-line form, which `init(_:)` parses.
  public var description: String {
    switch self {
    case .percentile(let low, let high): "percentile:\(low),\(high)"
    case .minMax: "minmax"
    case .range(let low, let high): "\(low),\(high)"
    }
  }
}

/// A single calibration for the whole scene, used for every tile and stage.
///
/// A separate stretch for each tile would give each tile a different scale before the network has processed it.
public struct Radiometry: Hashable, Sendable, Codable {
  /// Whether all bands share one stretch, which preserves their ratios, or each band has its own.
  public enum Bands: String, Sendable, Codable, CaseIterable {
    /// One stretch for all bands.
    case joint
    /// One stretch per band.
    case each
  }

  /// The sample value that maps to 0, for each selected band.
  public let low: [Float]
  /// The sample value that maps to 255, for each selected band.
  public let high: [Float]
  /// The value that replaces invalid pixels, 0…255: the median of each band, so that no artificial edges appear.
  public let fill: [Float]
  /// The sampling step: every `step`-th row and column was measured.
  public let step: Int
  /// The number of valid pixels measured.
  public let count: Int
  /// The share of the measured samples outside the stretch, 0…1.
  public let clippedShare: Double

  /// Computes the calibration from the valid samples of each band; bands may have different numbers of samples.
  ///
  /// - Parameters:
  ///   - stretch: How the limits are found.
  ///   - bands: Whether the bands share the limits.
  ///   - samples: The valid samples of each selected band.
  ///   - step: The step with which rows and columns were sampled.
  ///   - numbers: The band numbers, for error messages.
  /// - Throws: `SceneError` if a band has no samples, or if the width of the stretch is zero or not finite.
  public init(
    _ stretch: Stretch, bands: Bands, samples: [[Float]], step: Int, numbers: [Int]
  ) throws {
    let empty = zip(samples, numbers).filter { $0.0.isEmpty }.map(\.1)
    guard empty.isEmpty, let sampleCount = samples.map(\.count).max() else {
      throw SceneError(
        .badData,
        "no pixel of band \(Self.join(empty)) is valid: choose other bands with --bands, or set the nodata value with "
          + "--src-nodata")
    }
    var ranges: [(Float, Float)] = []
    switch (stretch, bands) {
    case (.range(let low, let high), _):
      ranges = samples.map { _ in (Float(low), Float(high)) }
    case (_, .joint):
      let pooled = Self.range(of: samples.flatMap(\.self), stretch)
      ranges = samples.map { _ in pooled }
    case (_, .each):
      ranges = samples.map { Self.range(of: $0, stretch) }
    }
    for (range, number) in zip(ranges, numbers)
    where !(range.0 < range.1 && (range.1 - range.0).isFinite) {
      throw SceneError(
        .badData,
        "the stretch \(stretch) of band \(number) has the limits \(range.0) and \(range.1), expected a finite, "
          + "positive width; set the limits with --stretch LO,HI")
    }
    self.low = ranges.map(\.0)
    self.high = ranges.map(\.1)
    self.step = step
    count = sampleCount
    let clipped = zip(samples, ranges).reduce(0) { sum, band in
      sum + band.0.count { $0 < band.1.0 || $0 > band.1.1 }
    }
    clippedShare = Double(clipped) / Double(samples.reduce(0) { $0 + $1.count })
    fill = zip(samples, ranges).map { values, range in
      Self.calibrated(values.median(), from: range.0, to: range.1)
    }
  }

  /// Maps a sample value of a band to 0…255, clipped.
  func calibrated(_ value: Float, band: Int) -> Float {
    Self.calibrated(value, from: low[band], to: high[band])
  }

  private static func calibrated(_ value: Float, from low: Float, to high: Float) -> Float {
    min(max((value - low) / (high - low), 0), 1) * 255
  }

  private static func range(of samples: [Float], _ stretch: Stretch) -> (Float, Float) {
    guard case .percentile(let low, let high) = stretch else {
      return (samples.min() ?? .nan, samples.max() ?? .nan)
    }
    return (samples.quantile(low / 100), samples.quantile(high / 100))
  }

  private static func join(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }
}
