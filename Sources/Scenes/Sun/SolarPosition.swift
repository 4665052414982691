package import Foundation

/// The position of the sun in the sky at a location, without refraction.
///
/// Source: J. Meeus, "Astronomical Algorithms", 2nd edition, 1998: chapters 12 (sidereal time), 13 (horizontal
/// coordinates) and 25 (the sun, low accuracy), accurate to 0.01° from 1900 to 2100.
package struct SolarPosition: Hashable, Sendable {
  /// The azimuth in degrees clockwise from true north, 0 to 360.
  package let azimuthInDegrees: Double
  /// The elevation above the horizon, in degrees.
  package let elevationInDegrees: Double

  /// Computes the position at a time and a location in degrees; longitudes are positive to the east.
  package init(at date: Date, longitude: Double, latitude: Double) {
    let julianDay = 2_440_587.5 + date.timeIntervalSince1970 / 86400
    let (rightAscension, declination) = Self.equatorial(julianDay: julianDay)
    let t = (julianDay - 2_451_545) / 36525
    let siderealTime =
      280.46061837 + 360.98564736629 * (julianDay - 2_451_545) + 0.000387933 * t * t
      - t * t * t / 38_710_000
    self.init(
      declination: declination, hourAngle: siderealTime + longitude - rightAscension,
      latitude: latitude)
  }

  /// Computes the position from the sun's declination and hour angle and the latitude, all in degrees.
  package init(declination: Double, hourAngle: Double, latitude: Double) {
    let degree = Double.pi / 180
    let (d, h, phi) = (declination * degree, hourAngle * degree, latitude * degree)
    // Measured from the south toward the west.
    let azimuth = atan2(sin(h) * cos(d), cos(h) * sin(phi) * cos(d) - sin(d) * cos(phi))
    azimuthInDegrees = (azimuth / degree + 180).truncatingRemainder(dividingBy: 360)
    elevationInDegrees =
      asin(min(max(sin(phi) * sin(d) + cos(phi) * cos(d) * cos(h), -1), 1)) / degree
  }

  /// Returns the sun's apparent right ascension and declination, in degrees.
  package static func equatorial(julianDay: Double) -> (rightAscension: Double, declination: Double)
  {
    let degree = Double.pi / 180
    let t = (julianDay - 2_451_545) / 36525
    let meanLongitude = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    let anomaly = (357.52911 + 35999.05029 * t - 0.0001537 * t * t) * degree
    let center =
      (1.914602 - 0.004817 * t - 0.000014 * t * t) * sin(anomaly)
      + (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000289 * sin(3 * anomaly)
    let node = (125.04 - 1934.136 * t) * degree
    let longitude = (meanLongitude + center - 0.00569 - 0.00478 * sin(node)) * degree
    let seconds = 21.448 - 46.815 * t - 0.00059 * t * t + 0.001813 * t * t * t
    let obliquity = (23 + (26 + seconds / 60) / 60 + 0.00256 * cos(node)) * degree
    let rightAscension = atan2(cos(obliquity) * sin(longitude), cos(longitude)) / degree
    return (
      rightAscension < 0 ? rightAscension + 360 : rightAscension,
      asin(sin(obliquity) * sin(longitude)) / degree
    )
  }
}
