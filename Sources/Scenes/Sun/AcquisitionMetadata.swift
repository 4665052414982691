import Foundation
import Rasters

/// What metadata says of a scene's acquisition: where the sun stood, and when it was.
///
/// Products name the same things differently. `SUN_AZIMUTH` is that of Landsat's MTL files, of DIMAP (Pléiades, SPOT) and
/// of relief; `meanSunAz` of Maxar; `illuminationAzimuthAngle` and `sun_azimuth` of Planet; `view:sun_azimuth` of STAC;
/// `Mean_Sun_Angle.AZIMUTH_ANGLE` of a granule of Sentinel-2. `TIFFTAG_DATETIME` is when a file was made, not when the image was taken,
/// so it does not count.
struct AcquisitionMetadata {
  /// Clockwise from true north, in degrees, with the name of each.
  private(set) var azimuths: [(item: String, degrees: Double)] = []
  private(set) var times: [Date] = []

  /// Items of metadata: keys whose parts are separated by dots, with their values.
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

  /// `view:sun_azimuth`, `SUN_AZIMUTH[1]` and `SunAzimuth` are one name.
  private static func plain(_ part: Substring) -> String {
    let bare = part.split(separator: ":").last ?? part
    return String(bare.prefix { $0 != "[" }.filter { $0.isLetter || $0.isNumber }).lowercased()
  }

  /// A number of −360 to 360, with or without its unit.
  private static func degrees(_ text: String) -> Double? {
    let bare = text.trimmingCharacters(in: CharacterSet(charactersIn: " \"';\t\r\n"))
    let number = bare.prefix { $0.isNumber || "+-.eE".contains($0) }
    guard let degrees = Double(number), abs(degrees) <= 360 else { return nil }
    return degrees
  }

  /// ISO 8601, with a blank for the T or without a zone, which is then UTC.
  static func time(_ text: String) -> Date? {
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
