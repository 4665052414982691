package import Foundation
import Rasters

/// The sun azimuths and times in a scene's acquisition metadata.
///
/// Products use different names. `SUN_AZIMUTH` is used by Landsat's MTL files, DIMAP (Pléiades, SPOT) and relief;
/// `meanSunAz` by Maxar; `illuminationAzimuthAngle` and `sun_azimuth` by Planet; `view:sun_azimuth` by STAC;
/// `Mean_Sun_Angle.AZIMUTH_ANGLE` by Sentinel-2 granules. `TIFFTAG_DATETIME` is ignored, since it is the time when the
/// file was created, not when the image was acquired.
package struct AcquisitionMetadata {
  /// Sun azimuths in degrees clockwise from true north, each with the name of its metadata item.
  private(set) var azimuths: [(item: String, degrees: Double)] = []
  /// Acquisition times.
  private(set) var times: [Date] = []

  /// Collects azimuths and times from metadata items, whose keys consist of parts separated by dots.
  init(_ items: [(key: String, value: String)]) {
    var (day, hour): (String?, String?)
    for (key, value) in items {
      let parts = key.split { ".#".contains($0) }.map { Self.plain($0) }
      guard let name = parts.last else { continue }
      let parent = parts.dropLast().last ?? ""
      if Self.azimuthNames.contains(name)
        || (name == "azimuthangle" && parent == "meansunangle")
      {
        if let degrees = Self.degrees(value) {
          azimuths.append((key.split(separator: ".").last.map(String.init) ?? key, degrees))
        }
      } else if Self.timeNames.contains(name), let time = Self.time(value) {
        times.append(time)
      } else if Self.dayNames.contains(name) {
        day = value
      } else if Self.hourNames.contains(name) {
        hour = value
      }
    }
    if times.isEmpty, let day, let hour, let time = Self.time(day + "T" + hour) { times = [time] }
  }

  private static let azimuthNames: Set = [
    "sunazimuth", "meansunaz", "sunaz", "meansunazimuth", "sunazimuthangle",
    "illuminationazimuthangle", "solarazimuth", "solarazimuthangle", "meansolarazimuthangle",
  ]
  private static let timeNames: Set = [
    "acquisitiondatetime", "datetime", "startdatetime", "acquired", "sensingtime",
    "productstarttime", "datatake1datatakesensingstart", "datatakesensingstart", "firstlinetime",
  ]
  private static let dayNames: Set = ["dateacquired", "imagingdate"]
  private static let hourNames: Set = ["scenecentertime", "imagingtime"]

  /// Reduces a key to its plain name: `view:sun_azimuth`, `SUN_AZIMUTH[1]` and `SunAzimuth` give the same name.
  private static func plain(_ part: Substring) -> String {
    let bare = part.split(separator: ":").last ?? part
    return String(bare.prefix { $0 != "[" }.filter { $0.isLetter || $0.isNumber }).lowercased()
  }

  /// Parses a number of degrees from −360 to 360, with or without its unit.
  private static func degrees(_ text: String) -> Double? {
    let bare = text.trimmingCharacters(in: CharacterSet(charactersIn: " \"';\t\r\n"))
    let number = bare.prefix { $0.isNumber || "+-.eE".contains($0) }
    guard let degrees = Double(number), abs(degrees) <= 360 else { return nil }
    return degrees
  }

  /// Parses an ISO 8601 time, also with a space instead of the T; a time without a zone is in UTC.
  package static func time(_ text: String) -> Date? {
    let bare = text.trimmingCharacters(in: CharacterSet(charactersIn: " \"';\t\r\n"))
    let parts = bare.split { $0 == "T" || $0 == " " }
    guard parts.count == 2 else { return nil }
    var clock = parts[1]
    var offset = 0.0
    if clock.last == "Z" {
      clock = clock.dropLast()
    } else if let sign = clock.firstIndex(where: { "+-".contains($0) }) {
      let zone = clock[clock.index(after: sign)...].filter(\.isNumber)
      guard zone.count == 2 || zone.count == 4, let hours = Double(zone.prefix(2)) else {
        return nil
      }
      offset = (hours * 60 + (Double(zone.dropFirst(2)) ?? 0)) * (clock[sign] == "-" ? -60 : 60)
      clock = clock[..<sign]
    }
    let whole = clock.prefix { $0 != "." }
    let date = try? Date("\(parts[0])T\(whole)Z", strategy: .iso8601)
    return date.map { $0 - offset }
  }
}
