public import Surfaces
import Tensors

/// The fits of very many tiles to their neighbors and to an overview, without their heights.
///
/// Each fit is that of 25 noisy samples, from tiles with random scales and offsets, as a run measures them.
public struct SimulatedFits {
  /// The fits of all tiles, row by row.
  public private(set) var overlaps: [TileAlignment.Overlap] = []
  private var scales: [Double] = []
  private var shifts: [Double] = []

  /// Simulates a grid of tiles; the noise is a share of the relief.
  public init(rows: Int, columns: Int, noise: Double) {
    var random = SplitMix64(seed: 42)
    func number() -> Double { Double.random(in: -1...1, using: &random) }
    for _ in 0..<rows * columns {
      scales.append(1 + 0.3 * number())
      shifts.append(number())
    }
    overlaps.reserveCapacity(3 * rows * columns)
    for tile in 0..<rows * columns {
      let (row, column) = tile.quotientAndRemainder(dividingBy: columns)
      let others = [column > 0 ? tile - 1 : nil, row > 0 ? tile - columns : nil, nil]
      for (place, other) in others.enumerated() where place == 2 || other != nil {
        let truth = (0..<25).map { _ in number() }
        func seen(_ tile: Int?) -> [Float] {
          let (scale, shift) = tile.map { (scales[$0], shifts[$0]) } ?? (1, 0)
          return truth.map { Float(($0 + noise * number() - shift) / scale) }
        }
        guard let fit = AffineFit(of: seen(tile), to: seen(other)) else { continue }
        overlaps.append(TileAlignment.Overlap(of: tile, with: other, fit))
      }
    }
  }

  /// The root mean square error of the calibrated heights −1…1 of all tiles, as a share of their range.
  public func error(of calibrations: [TileAlignment.Calibration?]) -> Double {
    var (sum, count) = (0.0, 0)
    for (tile, calibration) in calibrations.enumerated() {
      guard let calibration else { continue }
      for truth in [-1.0, 1.0] {
        let value = (truth - shifts[tile]) / scales[tile]
        let difference = calibration.scale * value + calibration.shift - truth
        sum += difference * difference
        count += 1
      }
    }
    return (sum / Double(count)).squareRoot() / 2
  }
}
