import Rasters

/// Which bands are meant, asked so that an answer can be copied.
struct BandQuestion {
  private let imagery: [Band]
  private let bands: [Band]

  /// Of bands among which nothing names red, green and blue.
  init(of imagery: [Band], all bands: [Band]) {
    self.imagery = imagery
    self.bands = bands
  }

  var error: SceneError {
    SceneError(
      .usage,
      ([
        "which bands are red, green and blue? say so with --bands, or in the column “bands” of a list"
      ]
        + [Self.names(of: bands)] + answers).joined(separator: "\n"))
  }

  /// Guesses with their reasons, the likeliest first.
  private var answers: [String] {
    var answers: [String] = []
    func offer(_ numbers: [Int], _ condition: String) {
      answers.append("  \(condition): --bands \(numbers.map(String.init).joined(separator: ","))")
    }
    if let numbers = numbered([4, 3, 2]) {
      offer(
        numbers,
        "if \(named(numbers)) are red, green and blue, as of Sentinel-2 and of Landsat 8 and 9")
    }
    if let numbers = numbered([3, 2, 1]) {
      offer(numbers, "if \(named(numbers)) are red, green and blue, as of Landsat 4 to 7")
    }
    if answers.isEmpty, imagery.count >= 3 {
      let first = imagery.prefix(3).map(\.number)
      offer(first, "if the first three are red, green and blue")
      offer(first.reversed(), "if they are blue, green and red, as of PlanetScope and SPOT stacks")
    }
    if imagery.count < 3, let first = imagery.first {
      offer([first.number], "to see one band in shades of grey")
    }
    return answers
  }

  /// The bands whose names end in such numbers, as B4, SR_B4, band_4, sr_band4 and B04 end in 4; nil if any is missing.
  private func numbered(_ wanted: [Int]) -> [Int]? {
    let found = wanted.compactMap { number in
      imagery.first { band in
        BandSelection.names(of: band).contains { Self.number(of: $0) == number }
      }?.number
    }
    return found.count == wanted.count ? found : nil
  }

  /// The number at the end of a name whose rest ends in “b” or “band”.
  ///
  /// “Band 4” is what ENVI and others call the fourth band, whatever it shows.
  private static func number(of name: String) -> Int? {
    let stem = name.prefix { !($0.isASCII && $0.isNumber) }
    guard let kind = stem.split(separator: "_").last, ["b", "band"].contains(kind) else {
      return nil
    }
    return Int(name.dropFirst(stem.count))
  }

  private func named(_ numbers: [Int]) -> String {
    let names = numbers.map { number in imagery.first { $0.number == number }?.description ?? "" }
    return names.joined(separator: ", ")
  }

  /// All bands in one line, or the first of very many.
  static func names(of bands: [Band]) -> String {
    let shown = bands.prefix(24).map { band in
      "\(band.number) "
        + (band.description.isEmpty ? "\(band.colorInterpretation)" : "“\(band.description)”")
    }
    return "  it has " + shown.joined(separator: ", ")
      + (bands.count > shown.count ? " … \(bands.count)" : "")
  }
}
