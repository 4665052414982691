public import Rasters

/// Which bands the network sees as red, green and blue, and why these.
public struct BandSelection: Hashable, Sendable, Codable {
  /// What the choice rests on, from the surest to the weakest.
  public enum Reason: String, Sendable, Codable {
    case asked = "as asked"
    case names = "by band names"
    case wavelengths = "by wavelengths"
    case colors = "by colour interpretation"
    case onlyOne = "the only band, repeated"
  }

  /// Band numbers from 1, one for each channel; a single one is repeated to three.
  public let numbers: [Int]
  public let reason: Reason

  /// The three channels as band numbers.
  public var channels: [Int] {
    numbers.count == 1 ? Array(repeating: numbers[0], count: 3) : numbers
  }

  /// Takes the bands asked for, or finds red, green and blue.
  ///
  /// - Throws: `SceneError` listing all bands if the choice is not clear or a band cannot be imagery.
  public init(from bands: [Band], asked: [Int]?) throws {
    if let asked {
      guard asked.count == 1 || asked.count == 3 else {
        throw SceneError(.usage, "\(asked.count) bands were asked for, expected one or three")
      }
      for number in asked where !bands.map(\.number).contains(number) {
        throw SceneError(.usage, "band \(number) does not exist\n" + Self.list(bands))
      }
      (numbers, reason) = (asked, .asked)
    } else {
      (numbers, reason) = try Self.find(in: bands)
    }
    for band in bands where numbers.contains(band.number) && band.sampleType.isComplex {
      throw SceneError(
        .badData,
        "band \(band.number) has complex samples (\(band.sampleType.name)), expected real ones")
    }
  }

  private static func find(in bands: [Band]) throws -> ([Int], Reason) {
    let imagery = bands.filter { $0.colorInterpretation != .alpha }
    if let found = triple(imagery, where: { name(of: $0) }) { return (found, .names) }
    if let found = triple(imagery, where: { channel(atMicrometers: wavelength(of: $0)) }) {
      return (found, .wavelengths)
    }
    if let found = triple(imagery, where: { color(of: $0) }) { return (found, .colors) }
    if imagery.count == 1, let only = imagery.first {
      guard only.colorInterpretation != .palette else {
        throw SceneError(
          .badData,
          """
          the only band holds colour numbers of a palette, expected brightness
          make an RGB image of it first: gdal_translate -expand rgb
          """)
      }
      return ([only.number], .onlyOne)
    }
    throw SceneError(
      .usage,
      "which bands are red, green and blue? say so with --bands, or in the column “bands” of a list\n"
        + list(bands))
  }

  private enum Channel: Int, CaseIterable { case red, green, blue }

  /// The first band of each channel, or nil if any is missing.
  private static func triple(_ bands: [Band], where channel: (Band) -> Channel?) -> [Int]? {
    let found = Channel.allCases.compactMap { wanted in
      bands.first { channel($0) == wanted }?.number
    }
    return found.count == 3 ? found : nil
  }

  /// Colour words, and Sentinel-2's own two-digit names.
  ///
  /// Landsat's one-digit names are no help: they changed with Landsat 8.
  private static func name(of band: Band) -> Channel? {
    let names =
      [band.description]
      + ["common_name", "STAC_COMMON_NAME", "BandName"].compactMap {
        band.metadata[$0]
      }
    for name in names.map({ $0.lowercased() }) {
      switch name {
      case "red", "r", "b04": return .red
      case "green", "g", "b03": return .green
      case "blue", "b", "b02": return .blue
      default: continue
      }
    }
    return nil
  }

  private static func color(of band: Band) -> Channel? {
    switch band.colorInterpretation {
    case .red: .red
    case .green: .green
    case .blue: .blue
    default: nil
    }
  }

  /// The centre of the band in µm, from GDAL's IMAGERY domain or as the ENVI and Sentinel-2 drivers put it.
  private static func wavelength(of band: Band) -> Double? {
    if let text = band.metadata["CENTRAL_WAVELENGTH_UM"] { return Double(text) }
    guard let text = band.metadata["wavelength"] ?? band.metadata["WAVELENGTH"],
      let value = Double(text)
    else { return nil }
    let unit = band.metadata["wavelength_units"] ?? band.metadata["WAVELENGTH_UNIT"] ?? ""
    return unit.lowercased().hasPrefix("n") ? value / 1000 : value
  }

  /// Sentinel-2 and Landsat agree on these limits to within their band widths.
  private static func channel(atMicrometers wavelength: Double?) -> Channel? {
    switch wavelength {
    case .some(0.45..<0.52): .blue
    case .some(0.52..<0.60): .green
    case .some(0.62..<0.69): .red
    default: nil
    }
  }

  /// One line for each band, for messages.
  public static func list(_ bands: [Band]) -> String {
    bands.map { band in
      var words = ["  band \(band.number):", band.sampleType.name, "\(band.colorInterpretation)"]
      if !band.description.isEmpty { words.append("“\(band.description)”") }
      if let noData = band.noData { words.append("nodata \(noData)") }
      return words.joined(separator: " ")
    }.joined(separator: "\n")
  }
}
