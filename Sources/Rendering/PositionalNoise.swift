/// Random numbers that depend only on a seed and a position, so that the order of evaluation does not matter.
///
/// Positions are hashed by the mixing function of splitmix64 (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014, doi:10.1145/2660193.2660195). Only sums, products and square roots are used, which
/// IEEE 754 rounds identically on every machine: the same seed gives bit-identical values everywhere.
public struct PositionalNoise: Hashable, Sendable {
  private let key: UInt64

  /// Creates the noise of a seed; each `stream` (one for forests, one for the sensor …) is independent.
  public init(seed: UInt64, stream: UInt64) {
    key = Self.mixed(seed &+ Self.mixed(stream &+ Self.golden))
  }

  /// Returns a uniform number in 0..<1 at a grid position.
  public func uniform(_ column: Int, _ row: Int) -> Float {
    Float(bits(column, row) >> 40) * 0x1p-24
  }

  /// Returns a number of mean 0 and variance 1, within ±3.5: the sum of four uniform numbers, which approximates a
  /// Gaussian.
  public func normal(_ column: Int, _ row: Int) -> Float {
    let bits = bits(column, row)
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    // A uniform number has a variance of 1/12, the sum of four 1/3.
    return (Float(sum) * 0x1p-16 - 2) * Float(3).squareRoot()
  }

  /// Returns gradient noise with a wavelength of about 1, within −1...1, zero at integer positions.
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

  /// Returns a sum of `octaves` smooth noises with a standard deviation of about 0.25.
  ///
  /// Each octave has half the wavelength and `gain` times the amplitude of the previous one, and is rotated by the
  /// angle of a 3-4-5 triangle, which hides the grid directions.
  public func fractal(_ x: Float, _ y: Float, octaves: Int, gain: Float = 0.5) -> Float {
    var (x, y) = (x, y)
    var amplitude: Float = 1
    var (sum, power): (Float, Float) = (0, 0)
    for octave in 0..<octaves {
      // Grid points, where every octave is zero, must not coincide.
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
