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
    let tileWindow = feather.tiles.window(of: tile)
    precondition(values.count == tileWindow.pixelCount, "a tile has one value for each pixel")
    let shared = tileWindow.intersection(window)
    let columnWeights = feather.columnProfile(of: tile)
    let rowWeights = feather.rowProfile(of: tile)
    for row in shared.rows {
      let rowWeight = rowWeights[row - tileWindow.row]
      let source = (row - tileWindow.row) * tileWindow.width - tileWindow.column
      let target = (row - window.row) * window.width - window.column
      for column in shared.columns {
        let value = values[source + column]
        guard !value.isNaN else { continue }
        let weight = rowWeight * columnWeights[column - tileWindow.column]
        sums[target + column] += weight * (scale * value + shift)
        weights[target + column] += weight
      }
    }
  }

  /// The blended values as [row, column], NaN where no tile has a value.
  public consuming func finish() -> [Float] {
    for i in sums.indices { sums[i] = weights[i] > 0 ? sums[i] / weights[i] : .nan }
    return sums
  }
}
