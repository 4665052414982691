/// The place of a tile among the tiles of a scene.
public struct TileIndex: Hashable, Sendable, Codable, Comparable {
  public var row: Int
  public var column: Int

  public init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }

  /// Row by row, from the left.
  public static func < (a: TileIndex, b: TileIndex) -> Bool {
    (a.row, a.column) < (b.row, b.column)
  }
}

/// Equal, overlapping tiles that cover a scene, anchored to its upper left pixel.
///
/// Neighbours share `overlap` pixels. The last column and row of tiles may reach beyond the scene; they are
/// not pulled back, so that a tile's window depends on nothing but its index.
public struct TileGrid: Hashable, Sendable, Codable {
  /// Size of the scene in pixels.
  public let width: Int
  public let height: Int
  /// Size of a tile in pixels, overlap included.
  public let tileWidth: Int
  public let tileHeight: Int
  public let overlap: Int

  /// - Precondition: twice the overlap fits in a tile, so that at most two tiles meet along an axis.
  public init(width: Int, height: Int, tileWidth: Int, tileHeight: Int, overlap: Int) {
    precondition(width > 0 && height > 0, "a scene has at least one pixel")
    precondition(
      overlap >= 0 && 2 * overlap <= min(tileWidth, tileHeight) && tileWidth > 0 && tileHeight > 0,
      "an overlap of \(overlap) is more than half of a \(tileWidth) × \(tileHeight) tile")
    self.width = width
    self.height = height
    self.tileWidth = tileWidth
    self.tileHeight = tileHeight
    self.overlap = overlap
  }

  public var scene: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// From one tile's first column (or row) to the next one's.
  public var columnStride: Int { tileWidth - overlap }
  public var rowStride: Int { tileHeight - overlap }

  /// How many tiles stand side by side, and above one another.
  public var columns: Int { Self.count(covering: width, tile: tileWidth, stride: columnStride) }
  public var rows: Int { Self.count(covering: height, tile: tileHeight, stride: rowStride) }
  public var count: Int { columns * rows }

  /// A tile's window in the scene's pixels; it may reach beyond the right and lower edges.
  public func window(of tile: TileIndex) -> Window {
    Window(
      column: tile.column * columnStride, row: tile.row * rowStride,
      width: tileWidth, height: tileHeight)
  }

  /// The tiles that see any pixel of `window`, row by row.
  public func tiles(overlapping window: Window) -> [TileIndex] {
    let window = window.intersection(scene)
    guard !window.isEmpty else { return [] }
    let columns = Self.range(
      window.columns, tile: tileWidth, stride: columnStride, count: self.columns)
    let rows = Self.range(window.rows, tile: tileHeight, stride: rowStride, count: self.rows)
    return rows.flatMap { row in columns.map { TileIndex(row: row, column: $0) } }
  }

  private static func count(covering extent: Int, tile: Int, stride: Int) -> Int {
    extent <= tile ? 1 : (extent - tile + stride - 1) / stride + 1
  }

  /// The tiles along one axis that touch `pixels`: the first whose end lies behind the first pixel, to the last that
  /// begins before the end.
  private static func range(_ pixels: Range<Int>, tile: Int, stride: Int, count: Int) -> Range<Int>
  {
    let first = max(0, (pixels.lowerBound - tile) / stride + (pixels.lowerBound >= tile ? 1 : 0))
    let last = min(count - 1, (pixels.upperBound - 1) / stride)
    return first..<last + 1
  }
}
