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

  /// None, where it does not matter which.
  static let undecided = BandSelection()

  private init() { (numbers, reason) = ([], .asked) }

  /// Takes the bands asked for, or finds red, green and blue.
  ///
  /// - Throws: `SceneError` listing all bands if the choice is not clear or a band cannot be imagery.
  public init(from bands: [Band], asked: [Int]?) throws {
    if let asked {
      guard asked.count == 1 || asked.count == 3 else {
        throw SceneError(
          .usage,
          "\(asked.count) bands were asked for, expected one or three: --bands 1 or --bands 3,2,1")
      }
      for number in asked where !bands.map(\.number).contains(number) {
        throw SceneError(
          .usage,
          "band \(number) does not exist, expected 1 to \(bands.count), such as --bands 1\n"
            + BandQuestion.names(of: bands))
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
    if let found = Wavelength.redGreenBlue(of: imagery) { return (found, .wavelengths) }
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
    throw BandQuestion(of: imagery, all: bands).error
  }

  enum Channel: Int, CaseIterable { case red, green, blue }

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

  /// What a band is called, in lower case.
  static func names(of band: Band) -> [String] {
    ([band.description]
      + ["common_name", "STAC_COMMON_NAME", "BandName"].compactMap { band.metadata[$0] })
      .map { $0.lowercased() }
  }

  private static func color(of band: Band) -> Channel? {
    switch band.colorInterpretation {
    case .red: .red
    case .green: .green
    case .blue: .blue
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
