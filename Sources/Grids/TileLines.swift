/// Where the tiles of a scene begin and end, in the pixels of a raster that shows the scene or a part of it.
///
/// Tiles may have been laid on a lattice that is coarser or finer than the raster. Their lines then fall between
/// pixels; each is taken to the nearest boundary of two pixels, so that a jump on the lattice is spread, in the
/// raster, over as many pixels as one of the lattice is wide.
public struct TileLines: Hashable, Sendable {
  /// The lines across the columns, from the left.
  public let columns: Axis
  /// The lines across the rows, from the top.
  public let rows: Axis
  /// The tiles, in the pixels of their lattice.
  public let tiles: TileGrid

  /// The lines of `tiles`, which cover all of `scene`, in the raster of one of the scene's windows.
  ///
  /// The raster may have been turned before tiles were laid on it: its rows and columns reversed, and then swapped. The
  /// scene and the window are the turned ones.
  public init(
    _ tiles: TileGrid, on scene: Grid, over area: Window, reversesRows: Bool = false,
    reversesColumns: Bool = false, swapsAxes: Bool = false
  ) {
    self.tiles = tiles
    func across(isReversed: Bool) -> Axis {
      Axis(
        tiles: 0..<tiles.columns, size: tiles.tileWidth, stride: tiles.columnStride,
        margin: tiles.columnMargin, scale: Double(scene.width) / Double(tiles.width),
        over: area.columns, isReversed: isReversed)
    }
    func down(isReversed: Bool) -> Axis {
      Axis(
        tiles: 0..<tiles.rows, size: tiles.tileHeight, stride: tiles.rowStride,
        margin: tiles.rowMargin, scale: Double(scene.height) / Double(tiles.height),
        over: area.rows, isReversed: isReversed)
    }
    columns =
      swapsAxes ? down(isReversed: reversesColumns) : across(isReversed: reversesColumns)
    rows = swapsAxes ? across(isReversed: reversesRows) : down(isReversed: reversesRows)
  }

  /// What happens at a line: a tile begins, one ends, or both.
  public enum Edge: String, Sendable, Codable { case begins, ends, both }

  /// A boundary between two pixels at which a tile begins or ends.
  public struct Line: Hashable, Sendable {
    /// The first pixel after the line.
    public let position: Int
    public let edge: Edge
    /// The index, along the axis, of the tile that begins; where none does, of the one that ends.
    public let tile: Int
  }

  /// The pixels along an axis from where a tile begins to where the next one does.
  public struct Span: Hashable, Sendable {
    public let tile: Int
    public let pixels: Range<Int>
  }

  /// The tiles along one axis of the raster.
  public struct Axis: Hashable, Sendable {
    /// Pixels of the raster.
    public let extent: Int
    /// From one tile's beginning to the next one's, in pixels of the raster.
    public let stride: Double
    /// Those strictly inside the raster, in order.
    public let lines: [Line]
    /// The raster cut where tiles begin, in order; no pixel is left out.
    public let spans: [Span]
    /// What two neighbours both see, in order; a part may lie outside the raster.
    public let overlaps: [Range<Int>]

    /// For each pixel, which of the spans it is in.
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
