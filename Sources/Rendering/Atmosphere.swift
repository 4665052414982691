import Foundation

/// The atmosphere between sun, ground and satellite, which attenuates light, brightens shadows and reduces contrast.
///
/// Single scattering under a nadir view. The optical depth of air is from J. E. Hansen, L. D. Travis, Space
/// Science Reviews 16 (1974), doi:10.1007/BF00168069; haze follows Ångström's law with exponent 1.3.
public struct Atmosphere: Hashable, Sendable {
  /// The optical depth of haze at 0.55 µm at sea level: 0.05 is a clear day, 0.4 a hazy one.
  public var haze: Double = 0.12

  /// Creates an atmosphere with default haze.
  public init() {}

  /// The effects of the atmosphere above sea level, as factors of the light at its top.
  struct Light {
    /// The fraction of the direct beam that reaches a surface perpendicular to it.
    var direct: Spectrum
    /// The sky light on level ground.
    var diffuse: Spectrum
    /// The fraction of light reflected by the ground that reaches the satellite.
    var upward: Spectrum
    /// The reflectance of the atmosphere itself.
    var path: Spectrum
  }

  /// Computes the light under a sun.
  func light(under sun: Sun) -> Light {
    let up = Double(sun.up)
    func air(_ micrometers: Double) -> Double {
      let inverse = 1 / (micrometers * micrometers)
      return 0.008569 * inverse * inverse * (1 + 0.0113 * inverse + 0.00013 * inverse * inverse)
    }
    func aerosol(_ micrometers: Double) -> Double { haze * pow(micrometers / 0.55, -1.3) }
    // Air scatters half of the light forward, haze about five sixths; the forward half becomes sky light.
    func lost(_ micrometers: Double) -> Double { air(micrometers) / 2 + aerosol(micrometers) / 6 }
    func beam(_ micrometers: Double) -> Double {
      exp(-(air(micrometers) + aerosol(micrometers)) / up)
    }
    return Light(
      direct: Spectrum(beam),
      diffuse: Spectrum { up * (exp(-lost($0) / up) - beam($0)) },
      upward: Spectrum { exp(-lost($0)) },
      path: Spectrum {
        let rayleigh = 0.75 * (1 + up * up)
        return (air($0) * rayleigh + aerosol($0) * 0.25) / 4
      })
  }

  /// Returns the fraction of the atmosphere that is above a height in meters, for a scale height of 8.4 km.
  static func share(above height: Float) -> Float {
    // exp(−x) as the reciprocal of the first four terms of exp(x), accurate enough up to Everest and bit-identical.
    let x = max(height, 0) / 8400
    return 1 / (1 + x * (1 + x * (0.5 + x / 6)))
  }
}
