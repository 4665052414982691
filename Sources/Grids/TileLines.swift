/// The lines at which the tiles of a scene start and end, in the pixels of a raster of the scene or a part of it.
///
/// The lattice of the tiles may be coarser or finer than the raster. The lines then fall between pixel boundaries, and
/// each is rounded to the nearest one. A step on the lattice is therefore spread, in the raster, over as many pixels as
/// one lattice pixel is wide.
public struct TileLines: Hashable, Sendable {
  /// The lines between columns, from left to right.
  public let columns: Axis
  /// The lines between rows, from top to bottom.
  public let rows: Axis
  /// The tiles, in the pixels of their lattice.
  public let tiles: TileGrid

  /// Creates the lines of `tiles`, which cover all of `scene`, for a raster of a window of the scene.
  ///
  /// The raster may have been reoriented before it was tiled: its rows and columns reversed, and then its axes swapped.
  /// `scene` and `area` are then those after reorientation.
  public init(
    _ tiles: TileGrid, on scene: Grid, over area: Window, reversesRows: Bool = false,
    reversesColumns: Bool = false, swapsAxes: Bool = false
  ) {
    self.tiles = tiles
    func columnAxis(isReversed: Bool) -> Axis {
      Axis(
        tiles: 0..<tiles.columns, size: tiles.tileWidth, stride: tiles.columnStride,
        margin: tiles.columnMargin, scale: Double(scene.width) / Double(tiles.width),
        over: area.columns, isReversed: isReversed)
    }
    func rowAxis(isReversed: Bool) -> Axis {
      Axis(
        tiles: 0..<tiles.rows, size: tiles.tileHeight, stride: tiles.rowStride,
        margin: tiles.rowMargin, scale: Double(scene.height) / Double(tiles.height),
        over: area.rows, isReversed: isReversed)
    }
    columns =
      swapsAxes ? rowAxis(isReversed: reversesColumns) : columnAxis(isReversed: reversesColumns)
    rows = swapsAxes ? columnAxis(isReversed: reversesRows) : rowAxis(isReversed: reversesRows)
  }

  /// The kind of a line.
  public enum Edge: String, Sendable, Codable {
    /// A tile starts at the line.
    case begins
    /// A tile ends at the line.
    case ends
    /// One tile ends and another starts at the line.
    case both
  }

  /// A boundary between two pixels at which a tile starts or ends.
  public struct Line: Hashable, Sendable {
    /// The first pixel after the line.
    public let position: Int
    /// Whether a tile starts here, ends here, or both.
    public let edge: Edge
    /// The index along the axis of the tile that starts here, or, if none does, of the tile that ends here.
    public let tile: Int
  }

  /// The pixels along an axis from the start of a tile to the start of the next one.
  public struct Span: Hashable, Sendable {
    /// The index of the tile along the axis.
    public let tile: Int
    /// The pixels of the span.
    public let pixels: Range<Int>
  }

  /// The tiles along one axis of the raster.
  public struct Axis: Hashable, Sendable {
    /// Number of raster pixels along the axis.
    public let extent: Int
    /// Distance from the start of a tile to the start of the next one, in raster pixels.
    public let stride: Double
    /// The lines strictly inside the raster, in order.
    public let lines: [Line]
    /// The raster split at the starts of the tiles, in order and without gaps.
    public let spans: [Span]
    /// The pixels that two neighboring tiles share, in order; they may lie partly outside the raster.
    public let overlaps: [Range<Int>]

    /// For each pixel, the index of its span in `spans`.
    public var spanIndices: [Int] {
      spans.enumerated().flatMap { index, span in span.pixels.map { _ in index } }
    }

    init(
      tiles: Range<Int>, size: Int, stride: Int, margin: Int, scale: Double, over area: Range<Int>,
      isReversed: Bool
    ) {
      func position(_ pixel: Int) -> Int {
        Int((Double(pixel - margin) * scale).rounded()) - area.lowerBound
      }
      var begins = tiles.map { position($0 * stride) }
      var ends = tiles.map { position($0 * stride + size) }
      extent = area.count
      if isReversed {
        (begins, ends) = (
          ends.reversed().map { area.count - $0 }, begins.reversed().map { area.count - $0 }
        )
      }
      self.stride = Double(stride) * scale
      overlaps = zip(begins.dropFirst(), ends).map { $0..<max($0, $1) }

      var lines: [Int: Line] = [:]
      for tile in tiles.dropLast() {
        lines[ends[tile]] = Line(position: ends[tile], edge: .ends, tile: tile)
      }
      for tile in tiles.dropFirst() {
        let edge: Edge = lines[begins[tile]] == nil ? .begins : .both
        lines[begins[tile]] = Line(position: begins[tile], edge: edge, tile: tile)
      }
      let inside = 1..<max(area.count, 1)
      self.lines = lines.values.filter { inside.contains($0.position) }
        .sorted { $0.position < $1.position }

      spans = tiles.compactMap { tile in
        let lower = tile == 0 ? 0 : min(max(begins[tile], 0), area.count)
        let upper = tile + 1 < tiles.count ? min(max(begins[tile + 1], 0), area.count) : area.count
        return lower < upper ? Span(tile: tile, pixels: lower..<upper) : nil
      }
    }
  }
}
