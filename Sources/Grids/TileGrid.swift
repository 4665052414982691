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
/// Neighbours share `overlap` pixels. Tiles begin `margin` pixels outside the scene and end at least as far
/// outside, so that a pixel on the scene's border has context on all sides; only a scene that fits in one
/// tile has to do with what that tile leaves. No tile is pulled back: its window depends on nothing but its
/// index.
public struct TileGrid: Hashable, Sendable, Codable {
  /// Size of the scene in pixels.
  public let width: Int
  public let height: Int
  /// Size of a tile in pixels, overlap included.
  public let tileWidth: Int
  public let tileHeight: Int
  public let overlap: Int
  /// Pixels outside the scene at which the first tile begins, along columns and along rows.
  public let columnMargin: Int
  public let rowMargin: Int

  /// - Precondition: twice the overlap fits in a tile, so that at most two tiles meet along an axis.
  public init(
    width: Int, height: Int, tileWidth: Int, tileHeight: Int, overlap: Int, margin: Int = 0
  ) {
    precondition(width > 0 && height > 0, "a scene has at least one pixel")
    precondition(
      overlap >= 0 && 2 * overlap <= min(tileWidth, tileHeight) && tileWidth > 0 && tileHeight > 0,
      "an overlap of \(overlap) is more than half of a \(tileWidth) × \(tileHeight) tile")
    self.width = width
    self.height = height
    self.tileWidth = tileWidth
    self.tileHeight = tileHeight
    self.overlap = overlap
    precondition(
      margin >= 0 && 2 * margin <= min(tileWidth, tileHeight), "a margin is at most half of a tile")
    columnMargin = Self.margin(margin, around: width, tile: tileWidth)
    rowMargin = Self.margin(margin, around: height, tile: tileHeight)
  }

  private static func margin(_ margin: Int, around extent: Int, tile: Int) -> Int {
    extent <= tile ? min(margin, (tile - extent) / 2) : margin
  }

  public var scene: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// From one tile's first column (or row) to the next one's.
  public var columnStride: Int { tileWidth - overlap }
  public var rowStride: Int { tileHeight - overlap }

  /// How many tiles stand side by side, and above one another.
  public var columns: Int {
    Self.count(covering: width + 2 * columnMargin, tile: tileWidth, stride: columnStride)
  }
  public var rows: Int {
    Self.count(covering: height + 2 * rowMargin, tile: tileHeight, stride: rowStride)
  }
  public var count: Int { columns * rows }

  /// A tile's window in the scene's pixels; it may reach beyond the scene's edges.
  public func window(of tile: TileIndex) -> Window {
    Window(
      column: tile.column * columnStride - columnMargin, row: tile.row * rowStride - rowMargin,
      width: tileWidth, height: tileHeight)
  }

  /// The tiles that see any pixel of `window`, row by row.
  public func tiles(overlapping window: Window) -> [TileIndex] {
    let (rows, columns) = indices(overlapping: window)
    return rows.flatMap { row in columns.map { TileIndex(row: row, column: $0) } }
  }

  /// The rows and columns of the tiles that see any pixel of `window`.
  public func indices(overlapping window: Window) -> (rows: Range<Int>, columns: Range<Int>) {
    let window = window.intersection(scene)
    guard !window.isEmpty else { return (0..<0, 0..<0) }
    let columns = Self.range(
      window.columns, margin: columnMargin, tile: tileWidth, stride: columnStride,
      count: self.columns)
    let rows = Self.range(
      window.rows, margin: rowMargin, tile: tileHeight, stride: rowStride, count: self.rows)
    return (rows, columns)
  }

  private static func count(covering extent: Int, tile: Int, stride: Int) -> Int {
    extent <= tile ? 1 : (extent - tile + stride - 1) / stride + 1
  }

  /// The tiles along one axis that touch `pixels`: the first whose end lies behind the first pixel, to the
  /// last that begins before the end.
  private static func range(
    _ pixels: Range<Int>, margin: Int, tile: Int, stride: Int, count: Int
  ) -> Range<Int> {
    let (lower, upper) = (pixels.lowerBound + margin, pixels.upperBound + margin)
    let first = lower < tile ? 0 : (lower - tile) / stride + 1
    let last = min(count - 1, (upper - 1) / stride)
    return first..<last + 1
  }
}

extension TileGrid {
  /// - Throws: `DecodingError` for a grid that `init` would not make.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    tileWidth = try container.decode(Int.self, forKey: .tileWidth)
    tileHeight = try container.decode(Int.self, forKey: .tileHeight)
    overlap = try container.decode(Int.self, forKey: .overlap)
    columnMargin = try container.decode(Int.self, forKey: .columnMargin)
    rowMargin = try container.decode(Int.self, forKey: .rowMargin)
    let half = 0...max(0, min(tileWidth, tileHeight)) / 2
    // Beyond 2⁴⁰ pixels counts would overflow.
    guard [width, height, tileWidth, tileHeight].allSatisfy({ (1...1 << 40).contains($0) }),
      [overlap, columnMargin, rowMargin].allSatisfy(half.contains)
    else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "no tiles lie like this"))
    }
  }
}
