/// A satellite camera that blurs slightly, adds noise and quantizes to 16 bits, as Landsat 8 does.
public struct Sensor: Hashable, Sendable {
  /// Reflectance per digital number; with `offset`, the level 1 scaling of Landsat 8 (LSDS-1574, section 5.2).
  public var gain: Float = 2.0e-5
  /// The reflectance of digital number 0.
  public var offset: Float = -0.1
  /// The fraction of a pixel's light that spreads to each of its four neighbors, 0...0.25.
  public var blur: Float = 0.06
  /// The standard deviation of noise at zero reflectance, as a reflectance.
  public var darkNoise: Float = 2.0e-4
  /// The noise variance added per unit of reflectance; with the dark noise, 1 in 330 at a reflectance of 0.1.
  public var shotNoise: Float = 5.0e-7
  /// The seed of the noise.
  public var seed: UInt64

  /// Creates a sensor with default parameters.
  public init(seed: UInt64 = 42) { self.seed = seed }

  /// The digital number of a pixel without data.
  public static let fill: UInt16 = 0

  /// Returns the digital numbers of one band, `[row, column]`; NaN becomes `fill`, and reflectances out of range are
  /// clamped.
  public func digitalNumbers(
    of reflectances: [Float], width: Int, band: SpectralBand
  ) -> [UInt16] {
    precondition(width > 0 && reflectances.count % width == 0, "rows must be complete")
    let noise = PositionalNoise(seed: seed, stream: 200 + UInt64(band.rawValue))
    let height = reflectances.count / width
    var result: [UInt16] = []
    result.reserveCapacity(reflectances.count)
    for row in 0..<height {
      for column in 0..<width {
        let index = row * width + column
        let own = reflectances[index]
        func spread(_ isInside: Bool, _ offset: Int) -> Float {
          guard isInside else { return 0 }
          let other = reflectances[index + offset]
          return other.isNaN ? 0 : blur * (other - own)
        }
        let blurred =
          own + spread(column > 0, -1) + spread(column + 1 < width, 1) + spread(row > 0, -width)
          + spread(row + 1 < height, width)
        let deviation = (darkNoise * darkNoise + shotNoise * max(blurred, 0)).squareRoot()
        result.append(digitalNumber(blurred + deviation * noise.normal(column, row)))
      }
    }
    return result
  }

  private func digitalNumber(_ reflectance: Float) -> UInt16 {
    guard !reflectance.isNaN else { return Self.fill }
    let counted = ((reflectance - offset) / gain).rounded()
    // 0 is fill for this sensor, and 65535 is fill in other products.
    return UInt16(min(max(counted, 1), 65_534))
  }
}
