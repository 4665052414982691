import Rasters

/// The error for bands that cannot be identified as red, green, and blue, with suggested `--bands` options to copy.
struct BandSuggestions {
  private let imagery: [Band]
  private let bands: [Band]

  /// Creates the error for bands that nothing identifies as red, green, and blue.
  ///
  /// - Parameters:
  ///   - imagery: The bands that can be imagery, without alpha bands.
  ///   - bands: All bands of the raster.
  init(for imagery: [Band], all bands: [Band]) {
    self.imagery = imagery
    self.bands = bands
  }

  /// The error, with the bands found and one suggestion per line.
  var error: SceneError {
    SceneError(
      .usage,
      ([
        "cannot tell which bands are red, green, and blue; give --bands, or the column “bands” of a list"
      ]
        + [Self.names(of: bands)] + suggestions).joined(separator: "\n"))
  }

  /// Suggested options with the condition under which each is right, most likely first.
  private var suggestions: [String] {
    var suggestions: [String] = []
    func suggest(_ numbers: [Int], _ condition: String) {
      suggestions.append(
        "  \(condition): --bands \(numbers.map(String.init).joined(separator: ","))")
    }
    if let numbers = numbered([4, 3, 2]) {
      suggest(
        numbers,
        "if \(names(of: numbers)) are red, green, and blue, as in Sentinel-2 and Landsat 8 and 9")
    }
    if let numbers = numbered([3, 2, 1]) {
      suggest(
        numbers, "if \(names(of: numbers)) are red, green, and blue, as in Landsat 4 to 7")
    }
    if suggestions.isEmpty, imagery.count >= 3 {
      let first = imagery.prefix(3).map(\.number)
      suggest(first, "if the first three bands are red, green, and blue")
      suggest(
        first.reversed(), "if they are blue, green, and red, as in PlanetScope and SPOT stacks")
    }
    if imagery.count < 3, let first = imagery.first {
      suggest([first.number], "to use a single band in gray")
    }
    return suggestions
  }

  /// The bands whose names end in the given numbers; nil if any is missing.
  ///
  /// B4, SR_B4, band_4, sr_band4, and B04 all end in 4.
  private func numbered(_ wanted: [Int]) -> [Int]? {
    let found = wanted.compactMap { number in
      imagery.first { band in
        BandSelection.names(of: band).contains { Self.number(of: $0) == number }
      }?.number
    }
    return found.count == wanted.count ? found : nil
  }

  /// The number at the end of a name if the part before it ends in “b” or “band”.
  ///
  /// “Band 4” does not match: ENVI and other programs give this name to the fourth band, whatever it shows.
  private static func number(of name: String) -> Int? {
    let stem = name.prefix { !($0.isASCII && $0.isNumber) }
    guard let kind = stem.split(separator: "_").last, ["b", "band"].contains(kind) else {
      return nil
    }
    return Int(name.dropFirst(stem.count))
  }

  private func names(of numbers: [Int]) -> String {
    let names = numbers.map { number in imagery.first { $0.number == number }?.description ?? "" }
    return names.joined(separator: ", ")
  }

  /// All bands in one line, or the first 24 followed by the total count.
  static func names(of bands: [Band]) -> String {
    let shown = bands.prefix(24).map { band in
      "\(band.number) "
        + (band.description.isEmpty ? "\(band.colorInterpretation)" : "“\(band.description)”")
    }
    return "  bands found: " + shown.joined(separator: ", ")
      + (bands.count > shown.count ? " … \(bands.count)" : "")
  }
}
