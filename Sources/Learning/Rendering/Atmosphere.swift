internal import Foundation

/// Air and haze between sun, ground and satellite: they dim the light, fill the shadows and veil the image.
///
/// Single scattering under a nadir view. The optical depth of air is that of J. E. Hansen, L. D. Travis, Space
/// Science Reviews 16 (1974), doi:10.1007/BF00168069; haze follows Ångström's law with exponent 1.3.
public struct Atmosphere: Hashable, Sendable {
  /// The optical depth of haze at 0.55 µm over the foot of the land: 0.05 is a clear day, 0.4 a murky one.
  public var haze: Double = 0.12

  public init() {}

  /// What the air over sea level does under a sun, as factors of the light at its top.
  struct Light {
    /// The share of the sun's beam that arrives on a surface held square to it.
    var direct: Spectrum
    /// Sky light on level ground.
    var diffuse: Spectrum
    /// The share of the ground's light that arrives at the satellite.
    var upward: Spectrum
    /// The reflectance of the air itself.
    var path: Spectrum
  }

  func light(under sun: Sun) -> Light {
    let up = Double(sun.up)
    func air(_ micrometers: Double) -> Double {
      let inverse = 1 / (micrometers * micrometers)
      return 0.008569 * inverse * inverse * (1 + 0.0113 * inverse + 0.00013 * inverse * inverse)
    }
    func dust(_ micrometers: Double) -> Double { haze * pow(micrometers / 0.55, -1.3) }
    // Air sends half of what it scatters forward, haze about five sixths; that half is the light of the sky.
    func lost(_ micrometers: Double) -> Double { air(micrometers) / 2 + dust(micrometers) / 6 }
    func beam(_ micrometers: Double) -> Double {
      exp(-(air(micrometers) + dust(micrometers)) / up)
    }
    return Light(
      direct: Spectrum(beam),
      diffuse: Spectrum { up * (exp(-lost($0) / up) - beam($0)) },
      upward: Spectrum { exp(-lost($0)) },
      path: Spectrum {
        let rayleigh = 0.75 * (1 + up * up)
        return (air($0) * rayleigh + dust($0) * 0.25) / 4
      })
  }

  /// The share of the air over sea level that lies above a height in metres, for a scale height of 8.4 km.
  static func share(above height: Float) -> Float {
    // exp(−x), of which the four first terms of its inverse suffice up to Everest, and are the same bits anywhere.
    let x = max(height, 0) / 8400
    return 1 / (1 + x * (1 + x * (0.5 + x / 6)))
  }
}
