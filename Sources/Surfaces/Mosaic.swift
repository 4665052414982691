public import Grids

/// The blended sum of tiles over one window of a scene.
///
/// Tiles are added one after the other; the same tiles in the same order give the same bits. A pixel is the
/// mean of the values that the tiles have there, weighted by their feathers. NaN is "no value": where a tile
/// has none, or is missing as a whole, its neighbours take over; where no tile has any the result is NaN.
public struct Mosaic: Sendable {
  public let window: Window
  private let feather: Feather
  private var sums: [Float]
  private var weights: [Float]

  public init(over window: Window, feather: Feather) {
    self.window = window
    self.feather = feather
    sums = Array(repeating: 0, count: window.pixelCount)
    weights = sums
  }

  /// Adds `scale · values + shift`; `values` is the whole tile as [row, column].
  public mutating func add(
    _ values: borrowing [Float], of tile: TileIndex, scale: Float = 1, shift: Float = 0
  ) {
    precondition(
      values.count == feather.tiles.window(of: tile).pixelCount, "a tile has one value a pixel")
    feather.forEachPixel(of: tile, in: window) { target, source, weight in
      let value = values[source]
      guard !value.isNaN else { return }
      sums[target] += weight * (scale * value + shift)
      weights[target] += weight
    }
  }

  /// The blended values as [row, column], NaN where no tile has a value.
  public consuming func finish() -> [Float] {
    for i in sums.indices { sums[i] = weights[i] > 0 ? sums[i] / weights[i] : .nan }
    return sums
  }
}
