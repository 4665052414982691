public import Grids

/// Blending weights of tiles: one in the interior, falling across each overlap so that the weights of all tiles at
/// a pixel sum to one.
///
/// The fall is a raised cosine sampled at pixel centers, so no weight is zero. At the border of the scene there is
/// no neighbor and the weight does not fall; otherwise, the outermost pixels would have almost no weight. The
/// weight is the product of a column profile and a row profile.
public struct Feather: Sendable {
  /// The tiles that are blended.
  public let tiles: TileGrid
  /// The rising half of the profile: `overlap` values in (0, 1).
  private let ramp: [Float]

  /// Creates the weights of a tile grid.
  public init(_ tiles: TileGrid) {
    self.tiles = tiles
    ramp = (0..<tiles.overlap).map { k in
      let sine = Self.sine(Double.pi / 2 * (Double(k) + 0.5) / Double(tiles.overlap))
      return Float(sine * sine)
    }
  }

  /// Returns the weights along the columns of a tile.
  public func columnProfile(of tile: TileIndex) -> [Float] {
    profile(
      size: tiles.tileWidth, hasPrevious: tile.column > 0, hasNext: tile.column < tiles.columns - 1)
  }

  /// Returns the weights along the rows of a tile.
  public func rowProfile(of tile: TileIndex) -> [Float] {
    profile(
      size: tiles.tileHeight, hasPrevious: tile.row > 0, hasNext: tile.row < tiles.rows - 1)
  }

  /// Calls `body` for each pixel that a tile shares with a window, row by row.
  ///
  /// The arguments are the pixel's index in the window `[row, column]`, its index in the tile `[row, column]`, and
  /// its weight.
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

  /// Returns sin x for x in [0, π/2], from its Taylor series up to x²¹ (error below 1e-16 in this range).
  ///
  /// It uses only basic arithmetic, so weights are bit-identical with any math library.
  private static func sine(_ x: Double) -> Double {
    var (term, sum) = (x, x)
    for n in stride(from: 2.0, through: 20, by: 2) {
      term *= -x * x / (n * (n + 1))
      sum += term
    }
    return sum
  }
}
