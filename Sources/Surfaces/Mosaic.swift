public import Grids

/// The weighted mean of overlapping tiles over one window of a scene.
///
/// Tiles are added one at a time; the same tiles in the same order give bit-identical results. Each pixel is the
/// mean of the tiles' values, weighted by their feathers. NaN is a missing value: where a tile has none, or a whole
/// tile is missing, the neighboring tiles determine the result; where no tile has a value, the result is NaN.
public struct Mosaic: Sendable {
  /// The covered pixels of the scene.
  public let window: Window
  private let feather: Feather
  private var sums: [Float]
  private var weights: [Float]

  /// Creates an empty mosaic over a window of the scene.
  public init(over window: Window, feather: Feather) {
    self.window = window
    self.feather = feather
    sums = Array(repeating: 0, count: window.pixelCount)
    weights = sums
  }

  /// Adds `scale · values + shift`; `values` is the whole tile, `[row, column]`.
  public mutating func add(
    _ values: borrowing [Float], of tile: TileIndex, scale: Float = 1, shift: Float = 0
  ) {
    precondition(
      values.count == feather.tiles.window(of: tile).pixelCount,
      "a tile has one value per pixel, not \(values.count) values")
    feather.forEachPixel(of: tile, in: window) { target, source, weight in
      let value = values[source]
      guard !value.isNaN else { return }
      sums[target] += weight * (scale * value + shift)
      weights[target] += weight
    }
  }

  /// Returns the blended values, `[row, column]`; NaN where no tile has a value.
  public consuming func finish() -> [Float] {
    for i in sums.indices { sums[i] = weights[i] > 0 ? sums[i] / weights[i] : .nan }
    return sums
  }
}
