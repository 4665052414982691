public import Grids

/// The weight of each pixel in its tile: one in the middle, falling over the overlap so that the weights of
/// all tiles that see a pixel sum to one.
///
/// The fall is a raised cosine, taken at pixel centres, so no weight is zero. Toward the scene's border there
/// is no neighbour and nothing falls; otherwise a ring of pixels without weight would remain. The weight is a
/// product of one profile along columns and one along rows.
public struct Feather: Sendable {
  public let tiles: TileGrid
  /// The rising half of the fall, `overlap` values in (0, 1).
  private let ramp: [Float]

  public init(_ tiles: TileGrid) {
    self.tiles = tiles
    ramp = (0..<tiles.overlap).map { k in
      let sine = Self.sine(Double.pi / 2 * (Double(k) + 0.5) / Double(tiles.overlap))
      return Float(sine * sine)
    }
  }

  /// The weights along the columns of a tile in that tile column.
  public func columnProfile(of tile: TileIndex) -> [Float] {
    profile(
      size: tiles.tileWidth, hasPrevious: tile.column > 0, hasNext: tile.column < tiles.columns - 1)
  }

  /// The weights along the rows of a tile in that tile row.
  public func rowProfile(of tile: TileIndex) -> [Float] {
    profile(
      size: tiles.tileHeight, hasPrevious: tile.row > 0, hasNext: tile.row < tiles.rows - 1)
  }

  /// Calls `body` for each pixel that a tile shares with a window, row by row: with its place in the window's
  /// [row, column], its place in the tile's, and its weight.
  @inline(__always)
  func forEachPixel(
    of tile: TileIndex, in window: Window, _ body: (_ target: Int, _ source: Int, Float) -> Void
  ) {
    let tileWindow = tiles.window(of: tile)
    let shared = tileWindow.intersection(window)
    let columnWeights = columnProfile(of: tile)
    let rowWeights = rowProfile(of: tile)
    for row in shared.rows {
      let rowWeight = rowWeights[row - tileWindow.row]
      let source = (row - tileWindow.row) * tileWindow.width - tileWindow.column
      let target = (row - window.row) * window.width - window.column
      for column in shared.columns {
        body(
          target + column, source + column, rowWeight * columnWeights[column - tileWindow.column])
      }
    }
  }

  private func profile(size: Int, hasPrevious: Bool, hasNext: Bool) -> [Float] {
    var weights = [Float](repeating: 1, count: size)
    for k in 0..<ramp.count {
      if hasPrevious { weights[k] = ramp[k] }
      if hasNext { weights[size - ramp.count + k] = 1 - ramp[k] }
    }
    return weights
  }

  /// sin x for x in [0, π/2], by its Taylor series to x²¹ (error below 1e-16 there).
  ///
  /// Plain arithmetic, so that a weight has the same bits whatever mathematics library is installed.
  private static func sine(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    for n in stride(from: 2.0, through: 20, by: 2) {
      term *= -x * x / (n * (n + 1))
      sum += term
    }
    return sum
  }
}
