public import Grids

/// What of a tile grid can be seen in a surface: steps along its lines and over its overlaps, its frequency in a hillshade,
/// blurred overlaps.
///
/// Rows are added from top to bottom. Whatever the size of the surface, some fifty rows are held, six more for an overlap
/// that is being passed, 800 bytes for each column, 200 for each tile edge and 8 for each 16 pixels of an overlap. The
/// time is the same for each pixel.
public struct SeamStatistics: Sendable {
  private let lines: TileLines
  private let shading: Shading?
  private var steps: SeamSteps
  private var broadSteps: BroadSteps
  private var spectrum: GridSpectrum
  private var contrast: DetailContrast
  private var history = RowHistory(depth: 3)

  /// Begins at the upper edge of the raster that `lines` are of; without a shading no spectrum is taken.
  public init(_ lines: TileLines, shading: Shading?) {
    self.lines = lines
    self.shading = shading
    steps = SeamSteps(lines)
    broadSteps = BroadSteps(lines)
    spectrum = GridSpectrum(lines)
    contrast = DetailContrast(lines)
  }

  /// Adds the next rows of the surface as [row, column], NaN where there is no value.
  public mutating func add(rows values: [Float]) {
    let width = lines.columns.extent
    precondition(values.count % width == 0, "whole rows are added")
    for start in stride(from: 0, to: values.count, by: width) {
      let row = Array(values[start..<start + width])
      steps.add(row)
      broadSteps.add(row)
      contrast.add(row)
      history.append(row)
      shade(history.count - 2)
    }
  }

  /// Adds the shade of a row to the spectrum; that of the outermost ones is the mean.
  private mutating func shade(_ row: Int) {
    guard let shading, history[row] != nil else { return }
    guard let above = history[row - 1], let here = history[row], let below = history[row + 1] else {
      return spectrum.add(Array(repeating: 0, count: lines.columns.extent))
    }
    spectrum.add(shading.shade(above, here, below))
  }

  /// What was seen of all rows added.
  public consuming func finish() -> Result {
    steps.finish()
    broadSteps.finish()
    contrast.finish()
    shade(history.count - 1)
    return Result(
      edges: edges, columnPeaks: spectrum.columnRatios, rowPeaks: spectrum.rowRatios,
      detail: contrast.ratio, detailError: contrast.relativeError)
  }

  private var edges: [Result.TileEdge] {
    func edges(
      _ segments: [[SeamSteps.Segment]], _ broad: [[StepContrast]], of axis: TileLines.Axis,
      along other: TileLines.Axis,
      tile: (_ own: Int, _ other: Int) -> TileIndex, window: (_ own: Int, Range<Int>) -> Window
    ) -> [Result.TileEdge] {
      zip(axis.lines, segments).flatMap { line, segments in
        zip(other.spans.indices, segments).map { index, segment in
          let span = other.spans[index]
          // The overlap that begins where a tile does is that of the tile before with it.
          return Result.TileEdge(
            line: window(line.position, span.pixels), edge: line.edge,
            tile: tile(line.tile, span.tile), height: segment.height, slope: segment.slope,
            broad: line.edge == .ends ? StepContrast() : broad[line.tile - 1][index])
        }
      }
    }
    return edges(
      steps.columnSegments, broadSteps.columnSegments, of: lines.columns, along: lines.rows
    ) {
      TileIndex(row: $1, column: $0)
    } window: {
      Window(column: $0, row: $1.lowerBound, width: 0, height: $1.count)
    }
      + edges(
        steps.rowSegments, broadSteps.rowSegments, of: lines.rows, along: lines.columns
      ) {
        TileIndex(row: $0, column: $1)
      } window: {
        Window(column: $1.lowerBound, row: $0, width: $1.count, height: 0)
      }
  }

  /// What was seen; each ratio is 1 where the tiles can't be told.
  public struct Result: Sendable {
    /// A stretch of a tile's edge, as long as a stride.
    public struct TileEdge: Hashable, Sendable {
      /// Where it runs, in the raster's pixels: a window without width, or without height.
      public let line: Window
      public let edge: TileLines.Edge
      /// The tile that begins or ends there, of those in that row (or column) the last to begin.
      public let tile: TileIndex
      /// Steps in height, in the unit of the heights.
      public let height: StepContrast
      /// Steps in slope, in that unit for each pixel.
      public let slope: StepContrast
      /// Where a tile begins, rises over its overlap with the one before, in the unit of the heights; else empty.
      public let broad: StepContrast
    }

    /// All edges inside the raster: those across the columns first, line by line.
    public let edges: [TileEdge]
    /// Power of the hillshade at one to four times the grid's frequency over that beside it, along rows.
    ///
    /// Nil with fewer than four tiles side by side or without any slope.
    public let columnPeaks: [Double]?
    /// The same along columns.
    public let rowPeaks: [Double]?
    /// Variance of detail in the overlaps over that beside them; nil where there is none.
    public let detail: Double?

    /// The standard error of that, as a share of it; nil for fewer than three overlaps.
    public let detailError: Double?

    /// Steps in height of all edges.
    public var height: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.height } }
    /// Steps in slope of all edges.
    public var slope: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.slope } }
    /// Rises over all overlaps.
    public var broad: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.broad } }
    /// The standard error of their ratio; nil where there is no finite one.
    public var broadError: Double? { StepContrast.standardError(of: edges.map(\.broad)) }
    /// The standard error of the ratio of steps in height; nil where there is no finite one.
    public var heightError: Double? { StepContrast.standardError(of: edges.map(\.height)) }
    /// That of steps in slope.
    public var slopeError: Double? { StepContrast.standardError(of: edges.map(\.slope)) }
    /// The mean of all peaks; nil where there are none.
    public var peak: Double? {
      let peaks = (columnPeaks ?? []) + (rowPeaks ?? [])
      return peaks.isEmpty ? nil : peaks.reduce(0, +) / Double(peaks.count)
    }
  }
}
