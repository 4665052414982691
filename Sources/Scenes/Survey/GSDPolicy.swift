import Foundation

/// The ground sample distance (GSD) at which the network processes the scene.
///
/// A network recognizes the sizes of objects only at the GSDs of its training data. A scene within that range is used
/// without resampling; a scene outside by at most a factor of two is resampled to the nearer end of the range; any
/// other scene is rejected, unless it is forced through without resampling.
public enum GSDPolicy: Hashable, Sendable, Codable {
  /// Resample only if the scene is outside the network's range.
  case auto
  /// Use the scene's own GSD.
  case native
  /// Resample to this GSD in meters.
  case meters(Double)

  /// Parses a command-line value: `auto`, `native`, or a positive number of meters; nil for any other text.
  public init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "native": self = .native
    default:
      guard let meters = Double(text), meters > 0, meters.isFinite else { return nil }
      self = .meters(meters)
    }
  }

  /// The decision for one scene.
  public struct Decision: Hashable, Sendable {
    /// The size of the network's pixels in scene pixels, along each axis.
    public var scale: Double
    /// Warnings for the user.
    public var warnings: [String]
  }

  /// The tolerance of the training range.
  ///
  /// Map projections stretch a 60 m pixel to 60.02 m; a difference that no network can notice is not resampled.
  private static let tolerance = 1.1
  /// The factor by which a scene may be outside the training range and still be resampled.
  private static let maximumFactor = 2.0

  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    range.lowerBound / tolerance...range.upperBound * tolerance
  }

  /// Whether a GSD in meters is within a range, allowing for the stretch of map projections.
  package static func isNear(_ meters: Double, _ range: ClosedRange<Double>) -> Bool {
    widened(range).contains(meters)
  }

  /// Decides the scale at which to process a scene.
  ///
  /// - Parameters:
  ///   - native: The scene's GSD in meters; nil if it is unknown.
  ///   - range: The GSDs of the network's training data in meters.
  ///   - isForced: Whether to accept a scene that is too far outside the range.
  /// - Returns: The scale, and warnings for the user.
  /// - Throws: `SceneError` if the scene is too far outside the range.
  public func decide(
    native: Double?, range: ClosedRange<Double>, isForced: Bool
  ) throws -> Decision {
    guard let native else {
      if case .meters = self {
        throw SceneError(
          .usage,
          "the scene has no georeferencing that gives its pixel size: leave out --gsd")
      }
      return Decision(
        scale: 1,
        warnings: [
          "the pixel size is unknown: the scene is used without resampling (\(text(range)))"
        ])
    }
    let inside = Self.widened(range)
    let wanted =
      switch self {
      case .native: native
      case .meters(let meters): meters
      case .auto where inside.contains(native): native
      case .auto: min(max(native, range.lowerBound), range.upperBound)
      }
    let allowed =
      inside.lowerBound / Self.maximumFactor...inside.upperBound * Self.maximumFactor
    // Averaging fine pixels to a requested GSD loses nothing that the network could use.
    let isAveraged = self == .meters(wanted) && native < wanted
    let isOutside = !allowed.contains(wanted) || !(allowed.contains(native) || isAveraged)
    guard allowed.contains(wanted) || !allowed.contains(native) || isForced else {
      throw SceneError(
        .usage,
        "--gsd \(wanted) is outside the training range by more than a factor of "
          + "\(Int(Self.maximumFactor)) (\(text(range))); choose another, or give --force-gsd")
    }
    guard !isOutside || isForced else {
      throw SceneError(
        .badData,
        """
        the scene has pixels of \(Self.round(native)) m, expected \(Self.round(allowed.lowerBound))–\
        \(Self.round(allowed.upperBound)) m (\(text(range))); choose a pixel size with --gsd, use another bundle, \
        or use the scene as it is with --force-gsd
        """)
    }
    var warnings: [String] = []
    if isOutside {
      warnings = ["forced: pixels of \(Self.round(native)) m (\(text(range)))"]
    } else if wanted != native || !inside.contains(wanted) {
      warnings = [
        "pixels of \(Self.round(native)) m are processed at \(Self.round(wanted)) m (\(text(range)))"
      ]
    }
    // A forced scene is not resampled: by more than the maximum factor, resampling would leave no detail or invent all
    // of it.
    if isOutside, case .auto = self { return Decision(scale: 1, warnings: warnings) }
    return Decision(scale: wanted / native, warnings: warnings)
  }

  private func text(_ range: ClosedRange<Double>) -> String {
    "the bundle was trained on \(Self.round(range.lowerBound))–\(Self.round(range.upperBound)) m"
  }

  private static func round(_ meters: Double) -> String {
    String(format: meters < 10 ? "%.2f" : "%.1f", meters)
  }
}
