/// The four bands that nearly every optical satellite carries, with Landsat 8's wavelengths.
public enum SpectralBand: Int, CaseIterable, Sendable {
  case blue, green, red, nearInfrared

  /// The band's centre in micrometres (USGS, Landsat 8 Data Users Handbook, LSDS-1574, table 2-1).
  public var micrometers: Double {
    switch self {
    case .blue: 0.482
    case .green: 0.561
    case .red: 0.655
    case .nearInfrared: 0.865
    }
  }
}

/// A value for each `SpectralBand`, in their order: reflectances from 0 to 1, or factors of light.
public typealias Spectrum = SIMD4<Float>

extension Spectrum {
  /// The spectrum of a function of the wavelength in micrometres.
  init(_ value: (Double) -> Double) {
    self.init()
    for band in SpectralBand.allCases { self[band.rawValue] = Float(value(band.micrometers)) }
  }
}
