import Rasters

/// The wavelength at which a band sees, by its metadata.
enum Wavelength {
  /// Where Sentinel-2 has red, green and blue, in µm; Landsat's are within 0.01 of them.
  private static let centres:
    [(channel: BandSelection.Channel, centre: Double, range: Range<Double>)] =
      [(.red, 0.665, 0.62..<0.69), (.green, 0.56, 0.52..<0.60), (.blue, 0.49, 0.45..<0.52)]

  /// The bands whose centres lie nearest to those of red, green and blue, the first of equals; nil if a colour has none.
  static func redGreenBlue(of bands: [Band]) -> [Int]? {
    let known = bands.compactMap { band in micrometers(of: band).map { (band.number, $0) } }
    let found = centres.compactMap { colour in
      known.filter { colour.range.contains($0.1) }
        .min { abs($0.1 - colour.centre) < abs($1.1 - colour.centre) }?.0
    }
    return found.count == centres.count ? found : nil
  }

  /// The centre of a band in µm: GDAL's IMAGERY domain, STAC, or as the drivers of ENVI and Sentinel-2 put it.
  static func micrometers(of band: Band) -> Double? {
    let metadata = Dictionary(
      band.metadata.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }
    )
    for key in ["central_wavelength_um", "center_wavelength", "eo:center_wavelength"] {
      if let value = metadata[key].flatMap({ Double($0) }) { return value }
    }
    guard let text = metadata["wavelength"] ?? metadata["centre_wavelength"],
      let value = number(text)
    else { return nil }
    let unit = metadata["wavelength_units"] ?? metadata["wavelength_unit"] ?? ""
    return value * (scale(of: unit) ?? guessedScale(of: value))
  }

  /// The number at the beginning of `665 nm`, `665.0`.
  private static func number(_ text: String) -> Double? {
    text.split { $0 == " " || $0 == "," }.first.flatMap { Double($0) }
  }

  /// What makes µm of a unit; nil where it is none that is known.
  private static func scale(of unit: String) -> Double? {
    switch unit.lowercased() {
    case "nanometers", "nanometer", "nanometres", "nanometre", "nm": 1e-3
    case "micrometers", "micrometer", "micrometres", "micrometre", "microns", "micron", "um", "µm",
      "μm":
      1
    case "angstroms", "angstrom", "å": 1e-4
    case "meters", "metres", "meter", "metre", "m": 1e6
    default: nil
    }
  }

  /// Light between 0.1 and 100 µm is below 100 in µm, in the hundreds in nm, and above 3000 in Å where it is visible.
  private static func guessedScale(of value: Double) -> Double {
    value < 100 ? 1 : value < 3000 ? 1e-3 : 1e-4
  }
}
