/// The row and column of a tile in a tile grid.
public struct TileIndex: Hashable, Sendable, Codable, Comparable {
  /// The row of the tile, from the top.
  public var row: Int
  /// The column of the tile, from the left.
  public var column: Int

  /// Creates a tile index.
  public init(row: Int, column: Int) {
    self.row = row
    self.column = column
  }

  /// Orders tiles row by row, from left to right.
  public static func < (a: TileIndex, b: TileIndex) -> Bool {
    (a.row, a.column) < (b.row, b.column)
  }
}

/// A grid of overlapping tiles of equal size that covers a scene, anchored to the scene's upper-left pixel.
///
/// Neighboring tiles share `overlap` pixels. The tiles start `margin` pixels outside the scene and end at least as far
/// outside, so that a pixel on the scene's border has context on all sides. If the scene fits in one tile, the margin
/// is at most half of the space that the tile leaves. Tiles at the far edges are not moved back into the scene, so the
/// window of a tile depends only on its index.
public struct TileGrid: Hashable, Sendable, Codable {
  /// Width of the scene in pixels.
  public let width: Int
  /// Height of the scene in pixels.
  public let height: Int
  /// Width of a tile in pixels, overlap included.
  public let tileWidth: Int
  /// Height of a tile in pixels, overlap included.
  public let tileHeight: Int
  /// Number of pixels of a tile, overlap included.
  public var tilePixelCount: Int { tileWidth * tileHeight }
  /// Number of pixels that neighboring tiles share.
  public let overlap: Int
  /// Number of pixels by which the first tile extends beyond the left edge of the scene.
  public let columnMargin: Int
  /// Number of pixels by which the first tile extends beyond the top edge of the scene.
  public let rowMargin: Int

  /// Creates a tile grid for a scene.
  ///
  /// - Precondition: All sizes are positive, and `overlap` and `margin` are at most half of a tile, so that at most two
  ///   tiles meet along an axis.
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

  /// Limits the margin of a scene that fits in one tile to half of the space that the tile leaves.
  private static func margin(_ margin: Int, around extent: Int, tile: Int) -> Int {
    extent <= tile ? min(margin, (tile - extent) / 2) : margin
  }

  /// The window of the whole scene.
  public var scene: Window { Window(column: 0, row: 0, width: width, height: height) }

  /// Distance in pixels from the first column of a tile to that of the next tile.
  public var columnStride: Int { tileWidth - overlap }
  /// Distance in pixels from the first row of a tile to that of the next tile.
  public var rowStride: Int { tileHeight - overlap }

  /// Number of tile columns.
  public var columns: Int {
    Self.count(covering: width + 2 * columnMargin, tile: tileWidth, stride: columnStride)
  }
  /// Number of tile rows.
  public var rows: Int {
    Self.count(covering: height + 2 * rowMargin, tile: tileHeight, stride: rowStride)
  }
  /// Number of tiles.
  public var count: Int { columns * rows }

  /// Returns the window of a tile in scene pixels; it may extend beyond the scene's edges.
  public func window(of tile: TileIndex) -> Window {
    Window(
      column: tile.column * columnStride - columnMargin, row: tile.row * rowStride - rowMargin,
      width: tileWidth, height: tileHeight)
  }

  /// Returns the tiles that contain any pixel of `window`, row by row.
  public func tiles(overlapping window: Window) -> [TileIndex] {
    let (rows, columns) = indices(overlapping: window)
    return rows.flatMap { row in columns.map { TileIndex(row: row, column: $0) } }
  }

  /// Returns the rows and columns of the tiles that contain any pixel of `window`.
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

  /// Returns the indices of the tiles along one axis that contain any of `pixels`.
  ///
  /// They range from the first tile that ends after the first pixel to the last tile that starts before the end.
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
  /// Decodes a tile grid.
  ///
  /// - Throws: `DecodingError` if the values do not satisfy the preconditions of `init`.
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
    // Beyond 2⁴⁰ pixels, counts would overflow.
    guard [width, height, tileWidth, tileHeight].allSatisfy({ (1...1 << 40).contains($0) }),
      [overlap, columnMargin, rowMargin].allSatisfy(half.contains)
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "the sizes, overlap and margins are not those of a tile grid"))
    }
  }
}
