/// A satellite's camera: it blurs a little, adds noise and counts in 16 bits, as Landsat 8 does.
public struct Sensor: Hashable, Sendable {
  /// Reflectance a digital number; with `offset`, Landsat 8's level 1 scaling (LSDS-1574, section 5.2).
  public var gain: Float = 2.0e-5
  /// The reflectance of digital number 0.
  public var offset: Float = -0.1
  /// The share of its light that a pixel sheds on each of its four neighbours, 0...0.25.
  public var blur: Float = 0.06
  /// The standard deviation of noise in the dark, as a reflectance.
  public var darkNoise: Float = 2.0e-4
  /// The variance that each unit of reflectance adds; with the dark noise, 1 in 330 at a reflectance of 0.1.
  public var shotNoise: Float = 5.0e-7
  public var seed: UInt64

  public init(seed: UInt64 = 42) { self.seed = seed }

  /// What stands for a pixel that was not seen.
  public static let fill: UInt16 = 0

  /// `[row, column]`: digital numbers of one band; NaN becomes `fill`, light beyond the range its end.
  public func digitalNumbers(
    of reflectances: [Float], width: Int, band: SpectralBand
  ) -> [UInt16] {
    precondition(width > 0 && reflectances.count % width == 0, "rows are whole")
    let noise = PositionalNoise(seed: seed, stream: 200 + UInt64(band.rawValue))
    let height = reflectances.count / width
    var result: [UInt16] = []
    result.reserveCapacity(reflectances.count)
    for row in 0..<height {
      for column in 0..<width {
        let index = row * width + column
        let own = reflectances[index]
        func shed(_ isInside: Bool, _ offset: Int) -> Float {
          guard isInside else { return 0 }
          let other = reflectances[index + offset]
          return other.isNaN ? 0 : blur * (other - own)
        }
        let blurred =
          own + shed(column > 0, -1) + shed(column + 1 < width, 1) + shed(row > 0, -width)
          + shed(row + 1 < height, width)
        let deviation = (darkNoise * darkNoise + shotNoise * max(blurred, 0)).squareRoot()
        result.append(digitalNumber(blurred + deviation * noise.normal(column, row)))
      }
    }
    return result
  }

  private func digitalNumber(_ reflectance: Float) -> UInt16 {
    guard !reflectance.isNaN else { return Self.fill }
    let counted = ((reflectance - offset) / gain).rounded()
    // 0 is fill here, and 65535 in other products.
    return UInt16(min(max(counted, 1), 65_534))
  }
}
