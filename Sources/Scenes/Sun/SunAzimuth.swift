public import Foundation

/// The sun azimuth of a scene at its acquisition, and its source.
public struct SunAzimuth: Hashable, Sendable, Codable {
  /// The source of a sun azimuth.
  public enum Source: Hashable, Sendable, Codable {
    /// It was given by the user.
    case given
    /// It was read from metadata; the text contains the name of the item and of the file.
    case metadata(String)
    /// It was computed from the location and the acquisition time.
    case computed(Date)
    /// It was guessed for a morning orbit at this latitude: 10:30 local solar time, averaged over the year.
    case guessed(latitude: Double)
  }

  /// The azimuth in degrees clockwise from true north, 0 to 360; for an image without georeferencing, from its top.
  public let degrees: Double
  /// The source of the azimuth.
  public let source: Source

  /// Creates an azimuth from any finite number of degrees.
  public init(degrees: Double, source: Source) {
    let rest = degrees.truncatingRemainder(dividingBy: 360)
    self.degrees = rest < 0 ? rest + 360 : rest
    self.source = source
  }

  /// A warning if the azimuth is a guess for a location between the tropics; nil otherwise.
  ///
  /// There, the morning sun is north of the zenith in one half of the year and south of it in the other, so a guess is
  /// unreliable.
  public var warning: String? {
    guard case .guessed(let latitude) = source, abs(latitude) < 23.44 else { return nil }
    return String(
      format:
        "the sun azimuth is unknown, and between the tropics (latitude %.1f°) it cannot be guessed "
        + "reliably: if ridges and valleys look inverted, set it with --sun-azimuth DEG",
      latitude)
  }
}

extension SunAzimuth: CustomStringConvertible {
  /// The azimuth and its source, such as `147.0°, SUN_AZIMUTH of scene.tif`.
  public var description: String {
    let text =
      switch source {
      case .given: "as given"
      case .metadata(let item): item
      case .computed(let date): "computed for " + date.formatted(.iso8601)
      case .guessed(let latitude):
        String(
          format: "a guess for a morning orbit at latitude %.1f°; set it with --sun-azimuth",
          latitude)
      }
    return String(format: "%.1f°, ", degrees) + text
  }
}

extension SunAzimuth {
  /// Computes the azimuth at a time and a location in degrees; returns nil if the sun was below the horizon, since the
  /// scene cannot have been acquired then.
  package init?(at date: Date, longitude: Double, latitude: Double) {
    let sun = SolarPosition(at: date, longitude: longitude, latitude: latitude)
    guard sun.elevationInDegrees > 0 else { return nil }
    self.init(degrees: sun.azimuthInDegrees, source: .computed(date))
  }

  /// Guesses the azimuth of a satellite that passes in the morning.
  package init(morningOrbitAt latitude: Double) {
    let hourAngle = -22.5  // 10:30
    let azimuths = (0..<36).compactMap { tenth -> Double? in
      let declination = 23.44 * sin(2 * .pi * Double(tenth) / 36)
      let sun = SolarPosition(
        declination: declination, hourAngle: hourAngle, latitude: latitude)
      return sun.elevationInDegrees > 0 ? sun.azimuthInDegrees : nil
    }
    self.init(
      degrees: Self.mean(azimuths) ?? 180 + hourAngle, source: .guessed(latitude: latitude))
  }

  /// Returns the direction of the sum of unit vectors; nil if there are none or they cancel out.
  static func mean(_ azimuths: [Double]) -> Double? {
    let east = azimuths.reduce(0) { $0 + sin($1 * .pi / 180) }
    let north = azimuths.reduce(0) { $0 + cos($1 * .pi / 180) }
    guard hypot(east, north) > 1e-6 * Double(azimuths.count), !azimuths.isEmpty else { return nil }
    let mean = atan2(east, north) * 180 / .pi
    return mean < 0 ? mean + 360 : mean
  }
}
