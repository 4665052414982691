/// Four bands that nearly every optical satellite has, with the wavelengths of Landsat 8.
public enum SpectralBand: Int, CaseIterable, Sendable {
  /// Blue, 0.482 µm.
  case blue
  /// Green, 0.561 µm.
  case green
  /// Red, 0.655 µm.
  case red
  /// Near infrared, 0.865 µm.
  case nearInfrared

  /// The band's center in micrometers (USGS, Landsat 8 Data Users Handbook, LSDS-1574, table 2-1).
  public var micrometers: Double {
    switch self {
    case .blue: 0.482
    case .green: 0.561
    case .red: 0.655
    case .nearInfrared: 0.865
    }
  }
}

/// A value for each `SpectralBand`, in order: reflectances from 0 to 1, or factors of light.
public typealias Spectrum = SIMD4<Float>

extension Spectrum {
  /// Creates a spectrum from a function of the wavelength in micrometers.
  init(_ value: (Double) -> Double) {
    self.init()
    for band in SpectralBand.allCases { self[band.rawValue] = Float(value(band.micrometers)) }
  }
}
