public import Foundation

/// Where the sun stood when a scene was taken, and how that is known.
public struct SunAzimuth: Hashable, Sendable, Codable {
  /// How an azimuth is known.
  public enum Source: Hashable, Sendable, Codable {
    /// The user has said it.
    case given
    /// Read in metadata: the name of the item, and the file.
    case metadata(String)
    /// Computed from the place and the moment of the acquisition.
    case computed(Date)
    /// That of a morning orbit at this latitude: 10:30 local solar time, in the mean of the year.
    case guessed(latitude: Double)
  }

  /// Clockwise from true north, in degrees of 0 to 360; of an image without a place, from its top.
  public let degrees: Double
  public let source: Source

  /// From any finite number of degrees.
  public init(degrees: Double, source: Source) {
    let rest = degrees.truncatingRemainder(dividingBy: 360)
    self.degrees = rest < 0 ? rest + 360 : rest
    self.source = source
  }

  /// Between the tropics the sun of a morning stands north of the zenith in one half of the year and south of it in the
  /// other, so that a guess says little.
  public var warning: String? {
    guard case .guessed(let latitude) = source, abs(latitude) < 23.44 else { return nil }
    return String(
      format:
        "nothing says where the sun stood, and between the tropics (latitude %.1f°) that cannot "
        + "be guessed well: where ridges and valleys look exchanged, give --sun-azimuth DEG",
      latitude)
  }
}

extension SunAzimuth: CustomStringConvertible {
  /// As `147.0°, SUN_AZIMUTH of scene.tif`.
  public var description: String {
    let text =
      switch source {
      case .given: "as given"
      case .metadata(let item): item
      case .computed(let date): "computed for " + date.formatted(.iso8601)
      case .guessed(let latitude):
        String(
          format: "a guess: that of a morning orbit at latitude %.1f°; --sun-azimuth tells it",
          latitude)
      }
    return String(format: "%.1f°, ", degrees) + text
  }
}

extension SunAzimuth {
  /// Computed for a moment over a place, in degrees; nil where the sun was below the horizon, so that nothing can have
  /// been seen.
  init?(at date: Date, longitude: Double, latitude: Double) {
    let sun = SolarPosition(at: date, longitude: longitude, latitude: latitude)
    guard sun.elevationInDegrees > 0 else { return nil }
    self.init(degrees: sun.azimuthInDegrees, source: .computed(date))
  }

  /// The usual one of satellites that pass in the morning.
  init(morningOrbitAt latitude: Double) {
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

  /// The direction of the sum of unit vectors; nil of none, or of such that cancel one another.
  static func mean(_ azimuths: [Double]) -> Double? {
    let east = azimuths.reduce(0) { $0 + sin($1 * .pi / 180) }
    let north = azimuths.reduce(0) { $0 + cos($1 * .pi / 180) }
    guard hypot(east, north) > 1e-6 * Double(azimuths.count), !azimuths.isEmpty else { return nil }
    let mean = atan2(east, north) * 180 / .pi
    return mean < 0 ? mean + 360 : mean
  }
}
