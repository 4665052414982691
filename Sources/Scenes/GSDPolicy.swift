import Foundation

/// At which ground sample distance the network sees the scene.
///
/// A network knows the sizes of things only at the distances that it was trained on. A scene within that
/// range is seen as it is; one outside by at most a factor of two is resampled to the nearer end; beyond that
/// it is refused, unless it is forced through as it is.
public enum GSDPolicy: Hashable, Sendable, Codable {
  case auto
  case native
  /// This distance in metres.
  case meters(Double)

  /// As the command line takes it: `auto`, `native` or a number of metres.
  public init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "native": self = .native
    default:
      guard let meters = Double(text), meters > 0, meters.isFinite else { return nil }
      self = .meters(meters)
    }
  }

  /// What was decided: pixels of the scene for one that the network sees, along each axis.
  public struct Decision: Hashable, Sendable {
    public var scale: Double
    public var warnings: [String]
  }

  /// Map projections stretch a 60 m pixel to 60.02 m; nothing that a network could see is resampled.
  private static let slack = 1.1
  /// How far outside its range a network may still be used by resampling.
  private static let reach = 2.0

  private static func widened(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    range.lowerBound / slack...range.upperBound * slack
  }

  /// Whether a distance is in a range, but for what map projections stretch.
  package static func isNear(_ meters: Double, _ range: ClosedRange<Double>) -> Bool {
    widened(range).contains(meters)
  }

  /// - Parameters:
  ///   - native: the scene's distance in metres, nil if it cannot be known.
  ///   - range: what the network was trained on.
  ///   - isForced: whether a scene that lies too far outside is taken all the same.
  /// - Returns: the scale to see the scene at, and what the user should know of it.
  /// - Throws: `SceneError` if the scene lies too far outside.
  public func decide(
    native: Double?, range: ClosedRange<Double>, isForced: Bool
  ) throws -> Decision {
    guard let native else {
      if case .meters = self {
        throw SceneError(
          .usage,
          "the scene has no georeferencing that tells its pixel size, so leave out --gsd")
      }
      return Decision(
        scale: 1,
        warnings: ["the pixel size is unknown: the scene is taken as it is (\(text(range)))"])
    }
    let inside = Self.widened(range)
    let wanted =
      switch self {
      case .native: native
      case .meters(let meters): meters
      case .auto where inside.contains(native): native
      case .auto: min(max(native, range.lowerBound), range.upperBound)
      }
    let allowed = inside.lowerBound / Self.reach...inside.upperBound * Self.reach
    // Averaging fine pixels to a distance that was asked for loses nothing that the network could use.
    let isAveraged = self == .meters(wanted) && native < wanted
    let strays = !allowed.contains(wanted) || !(allowed.contains(native) || isAveraged)
    guard allowed.contains(wanted) || !allowed.contains(native) || isForced else {
      throw SceneError(
        .usage,
        "--gsd \(wanted) is more than a factor of \(Int(Self.reach)) outside: \(text(range)); "
          + "choose another, or say --force-gsd")
    }
    guard !strays || isForced else {
      throw SceneError(
        .badData,
        """
        the scene has pixels of \(Self.round(native)) m, expected \(Self.round(allowed.lowerBound))–\
        \(Self.round(allowed.upperBound)) m (\(text(range))); choose a distance with --gsd, use another bundle, \
        or take it as it is with --force-gsd
        """)
    }
    var warnings: [String] = []
    if strays {
      warnings = ["forced: pixels of \(Self.round(native)) m (\(text(range)))"]
    } else if wanted != native || !inside.contains(wanted) {
      warnings = [
        "pixels of \(Self.round(native)) m are seen at \(Self.round(wanted)) m (\(text(range)))"
      ]
    }
    // Forcing takes the scene as it is: resampling across more than the reach would leave nothing or invent
    // everything.
    if strays, case .auto = self { return Decision(scale: 1, warnings: warnings) }
    return Decision(scale: wanted / native, warnings: warnings)
  }

  private func text(_ range: ClosedRange<Double>) -> String {
    "the bundle was trained on \(Self.round(range.lowerBound))–\(Self.round(range.upperBound)) m"
  }

  private static func round(_ meters: Double) -> String {
    String(format: meters < 10 ? "%.2f" : "%.1f", meters)
  }
}
