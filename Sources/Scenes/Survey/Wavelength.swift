import Rasters

/// The center wavelengths of bands, from their metadata.
enum Wavelength {
  /// The center wavelengths of Sentinel-2's red, green and blue bands in µm; those of Landsat are within 0.01 µm.
  private static let centers:
    [(channel: BandSelection.Channel, center: Double, range: Range<Double>)] =
      [(.red, 0.665, 0.62..<0.69), (.green, 0.56, 0.52..<0.60), (.blue, 0.49, 0.45..<0.52)]

  /// Returns the bands with the center wavelengths nearest to those of red, green and blue, the first of equals; nil if
  /// a color has no band within its range.
  static func redGreenBlue(of bands: [Band]) -> [Int]? {
    let known = bands.compactMap { band in micrometers(of: band).map { (band.number, $0) } }
    let found = centers.compactMap { color in
      known.filter { color.range.contains($0.1) }
        .min { abs($0.1 - color.center) < abs($1.1 - color.center) }?.0
    }
    return found.count == centers.count ? found : nil
  }

  /// Returns a band's center wavelength in µm, from GDAL's IMAGERY domain, STAC, or the keys of the ENVI and Sentinel-2
  /// drivers; nil if unknown.
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

  /// Parses the number at the beginning of a text such as `665 nm` or `665.0`.
  private static func number(_ text: String) -> Double? {
    text.split { $0 == " " || $0 == "," }.first.flatMap { Double($0) }
  }

  /// Returns the factor that converts a unit to µm; nil for unknown units.
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

  /// Guesses the factor that converts a value without a unit to µm.
  ///
  /// Wavelengths between 0.1 and 100 µm are below 100 in µm, in the hundreds in nm, and above 3000 in Å if visible.
  private static func guessedScale(of value: Double) -> Double {
    value < 100 ? 1 : value < 3000 ? 1e-3 : 1e-4
  }
}
