public import Rasters

/// The bands used as the network's red, green, and blue channels, and how they were chosen.
public struct BandSelection: Hashable, Sendable, Codable {
  /// The basis of the choice, from the most to the least reliable.
  public enum Reason: String, Sendable, Codable {
    /// The caller named the bands.
    case asked = "as asked"
    /// Color words or Sentinel-2 band names.
    case names = "by band names"
    /// Wavelengths in the metadata of the bands.
    case wavelengths = "by wavelengths"
    /// The color interpretation of the bands.
    case colors = "by color interpretation"
    /// There is a single band; all three channels use it.
    case onlyOne = "the only band, repeated"
  }

  /// One-based band numbers: three for red, green, and blue, or one that all channels share.
  public let numbers: [Int]
  /// How the bands were chosen.
  public let reason: Reason

  /// The band numbers of the red, green, and blue channels.
  public var channels: [Int] {
    numbers.count == 1 ? Array(repeating: numbers[0], count: 3) : numbers
  }

  /// An empty selection, for plans that are compared without their bands.
  static let undecided = BandSelection()

  private init() { (numbers, reason) = ([], .asked) }

  /// Selects the requested bands, or finds red, green, and blue.
  ///
  /// - Parameters:
  ///   - bands: All bands of the raster.
  ///   - asked: One or three band numbers; nil finds the bands by name, wavelength, or color interpretation.
  /// - Throws: `SceneError` that lists all bands if the choice is ambiguous, a requested band does not exist, or a
  ///   band cannot be imagery.
  public init(from bands: [Band], asked: [Int]?) throws {
    if let asked {
      guard asked.count == 1 || asked.count == 3 else {
        throw SceneError(
          .usage,
          "\(asked.count) bands are selected, expected one or three: --bands 1 or --bands 3,2,1")
      }
      for number in asked where !bands.map(\.number).contains(number) {
        throw SceneError(
          .usage,
          "band \(number) does not exist, expected 1 to \(bands.count), such as --bands 1\n"
            + BandSuggestions.names(of: bands))
      }
      (numbers, reason) = (asked, .asked)
    } else {
      (numbers, reason) = try Self.find(in: bands)
    }
    for band in bands where numbers.contains(band.number) && band.sampleType.isComplex {
      throw SceneError(
        .badData,
        "band \(band.number) has complex samples (\(band.sampleType.name)), expected real samples")
    }
  }

  private static func find(in bands: [Band]) throws -> ([Int], Reason) {
    let imagery = bands.filter { $0.colorInterpretation != .alpha }
    if let found = triple(imagery, where: { name(of: $0) }) { return (found, .names) }
    if let found = Wavelength.redGreenBlue(of: imagery) { return (found, .wavelengths) }
    if let found = triple(imagery, where: { color(of: $0) }) { return (found, .colors) }
    if imagery.count == 1, let only = imagery.first {
      guard only.colorInterpretation != .palette else {
        throw SceneError(
          .badData,
          """
          the only band holds palette indices, expected brightness values
          convert it to RGB first: gdal_translate -expand rgb
          """)
      }
      return ([only.number], .onlyOne)
    }
    throw BandSuggestions(for: imagery, all: bands).error
  }

  /// A channel of the network's input image.
  enum Channel: Int, CaseIterable { case red, green, blue }

  /// The number of the first band of each channel, or nil if a channel has no band.
  private static func triple(_ bands: [Band], where channel: (Band) -> Channel?) -> [Int]? {
    let found = Channel.allCases.compactMap { wanted in
      bands.first { channel($0) == wanted }?.number
    }
    return found.count == 3 ? found : nil
  }

  /// The channel that a band's name states, by a color word or by a two-digit Sentinel-2 name.
  ///
  /// Landsat's one-digit names are ambiguous, because the numbering changed with Landsat 8.
  private static func name(of band: Band) -> Channel? {
    for name in names(of: band) {
      switch name {
      case "red", "r", "b04": return .red
      case "green", "g", "b03": return .green
      case "blue", "b", "b02": return .blue
      default: continue
      }
    }
    return nil
  }

  /// All names of a band, in lower case: its description and its name items of metadata.
  static func names(of band: Band) -> [String] {
    ([band.description]
      + ["common_name", "STAC_COMMON_NAME", "BandName"].compactMap { band.metadata[$0] })
      .map { $0.lowercased() }
  }

  /// The channel that a band's color interpretation states.
  private static func color(of band: Band) -> Channel? {
    switch band.colorInterpretation {
    case .red: .red
    case .green: .green
    case .blue: .blue
    default: nil
    }
  }

  /// Returns one line per band, for messages.
  public static func list(_ bands: [Band]) -> String {
    bands.map { band in
      var words = ["  band \(band.number):", band.sampleType.name, "\(band.colorInterpretation)"]
      if !band.description.isEmpty { words.append("“\(band.description)”") }
      if let noData = band.noData { words.append("nodata \(noData)") }
      return words.joined(separator: " ")
    }.joined(separator: "\n")
  }
}
