/// Random numbers that depend on a seed and a position alone, so that no order of evaluation can change them.
///
/// Positions are hashed by the mixing function of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014, doi:10.1145/2660193.2660195). Only sums, products and square roots, which
/// IEEE 754 rounds alike on every machine, are used on the way: the same seed gives the same bits everywhere.
public struct PositionalNoise: Hashable, Sendable {
  private let key: UInt64

  /// The noise of a seed; each `stream` of it (one for forests, one for the sensor …) is independent.
  public init(seed: UInt64, stream: UInt64) {
    key = Self.mixed(seed &+ Self.mixed(stream &+ Self.golden))
  }

  /// Uniform in 0..<1 at a lattice position.
  public func uniform(_ column: Int, _ row: Int) -> Float {
    Float(bits(column, row) >> 40) * 0x1p-24
  }

  /// Mean 0, variance 1, within ±3.5: the sum of four uniform numbers, near enough to a Gaussian for a sensor.
  public func normal(_ column: Int, _ row: Int) -> Float {
    let bits = bits(column, row)
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // A uniform number has variance 1/12, four of them 1/3.
    return (Float(sum) * 0x1p-16 - 2) * Float(3).squareRoot()
  }

  /// Gradient noise with a wavelength of about 1, within −1...1, zero at whole numbers.
  ///
  /// Source: K. Perlin, "Improving noise", SIGGRAPH 2002, doi:10.1145/566654.566636 (its fade curve).
  public func smooth(_ x: Float, _ y: Float) -> Float {
    let (left, top) = (x.rounded(.down), y.rounded(.down))
    let (column, row) = (Int(left), Int(top))
    let (u, v) = (x - left, y - top)
    func corner(_ i: Int, _ j: Int) -> Float {
      let bits = bits(column + i, row + j)
      let gx = Float(bits >> 40) * 0x1p-23 - 1
      let gy = Float(bits & 0xFF_FFFF) * 0x1p-23 - 1
      return gx * (u - Float(i)) + gy * (v - Float(j))
    }
    let (fu, fv) = (Self.fade(u), Self.fade(v))
    let upper = corner(0, 0) * (1 - fu) + corner(1, 0) * fu
    let lower = corner(0, 1) * (1 - fu) + corner(1, 1) * fu
    return upper * (1 - fv) + lower * fv
  }

  /// A sum of `octaves` smooth noises, each of half the wavelength and `gain` times the amplitude of the one
  /// before, with a standard deviation of about 0.25.
  ///
  /// Each octave is turned by the angle of a 3-4-5 triangle, so that their lattices do not show.
  public func fractal(_ x: Float, _ y: Float, octaves: Int, gain: Float = 0.5) -> Float {
    var (x, y) = (x, y)
    var amplitude: Float = 1
    var (sum, power): (Float, Float) = (0, 0)
    for octave in 0..<octaves {
      // Lattice points, where every octave is zero, must not coincide.
      let shift = Float(octave) * 17.31
      sum += amplitude * smooth(x + shift, y - shift)
      power += amplitude * amplitude
      amplitude *= gain
      (x, y) = (1.6 * x + 1.2 * y, 1.6 * y - 1.2 * x)
    }
    return 1.4 * sum / power.squareRoot()
  }

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  private func bits(_ column: Int, _ row: Int) -> UInt64 {
    let column = UInt64(truncatingIfNeeded: column)
    let row = UInt64(truncatingIfNeeded: row)
    return Self.mixed(key &+ column &* Self.golden &+ Self.mixed(row &+ key))
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private static func fade(_ t: Float) -> Float { t * t * t * (t * (t * 6 - 15) + 10) }
}
