public import Grids

/// Measures how visible a tile grid is in a surface: steps at tile edges and across overlaps, peaks at the grid's
/// frequency in a hillshade, and blur in overlaps.
///
/// Rows are added from top to bottom. For a surface of any size, memory is about fifty rows, plus six rows for an
/// overlap in progress, 800 bytes per column, 200 bytes per tile edge, and 8 bytes per 16 pixels of an overlap. The
/// time per pixel is constant.
public struct SeamStatistics: Sendable {
  private let lines: TileLines
  private let shading: Shading?
  private var steps: SeamSteps
  private var broadSteps: BroadSteps
  private var spectrum: GridSpectrum
  private var contrast: DetailContrast
  private var history = RowHistory(depth: 3)

  /// Starts at the top of the raster that `lines` describes; without `shading`, no spectrum is computed.
  public init(_ lines: TileLines, shading: Shading?) {
    self.lines = lines
    self.shading = shading
    steps = SeamSteps(lines)
    broadSteps = BroadSteps(lines)
    spectrum = GridSpectrum(lines)
    contrast = DetailContrast(lines)
  }

  /// Adds the next rows of the surface, `[row, column]`; NaN is a missing value.
  public mutating func add(rows values: [Float]) {
    let width = lines.columns.extent
    precondition(values.count % width == 0, "\(values.count) values are not whole rows of \(width)")
    for start in stride(from: 0, to: values.count, by: width) {
      let row = Array(values[start..<start + width])
      steps.add(row)
      broadSteps.add(row)
      contrast.add(row)
      history.append(row)
      shade(history.count - 2)
    }
  }

  /// Adds the shade of a row to the spectrum; for the first and last row, it is the mean shade.
  private mutating func shade(_ row: Int) {
    guard let shading, history[row] != nil else { return }
    guard let above = history[row - 1], let here = history[row], let below = history[row + 1] else {
      return spectrum.add(Array(repeating: 0, count: lines.columns.extent))
    }
    spectrum.add(shading.shade(above, here, below))
  }

  /// Returns the statistics of all rows added.
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
          // The overlap at the start of a tile is the overlap with the previous tile.
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

  /// The measured statistics; each ratio is 1 if no seams are visible.
  public struct Result: Sendable {
    /// A segment of a tile edge, one tile stride long.
    public struct TileEdge: Hashable, Sendable {
      /// The location in pixels of the raster: a window of zero width or zero height.
      public let line: Window
      /// Whether a tile begins or ends at the line, or both.
      public let edge: TileLines.Edge
      /// The tile that begins or ends at the edge; where two tiles overlap along the edge, the one that begins
      /// last.
      public let tile: TileIndex
      /// The steps in height, in the unit of the heights.
      public let height: StepContrast
      /// The steps in slope, in the unit of the heights per pixel.
      public let slope: StepContrast
      /// The rises across the overlap with the previous tile, in the unit of the heights; empty unless a tile
      /// begins here.
      public let broad: StepContrast
    }

    /// All edges inside the raster, line by line; lines between columns come first.
    public let edges: [TileEdge]
    /// The power of the hillshade along rows at one to four times the grid's frequency, relative to the power
    /// between these frequencies.
    ///
    /// Nil for fewer than four tiles along the axis or a surface without slopes.
    public let columnPeaks: [Double]?
    /// The same ratios along columns.
    public let rowPeaks: [Double]?
    /// The variance of fine detail in the overlaps relative to that next to them; nil if nothing can be compared.
    public let detail: Double?

    /// The relative standard error of `detail`; nil for fewer than three overlaps.
    public let detailError: Double?

    /// The steps in height over all edges.
    public var height: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.height } }
    /// The steps in slope over all edges.
    public var slope: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.slope } }
    /// The rises over all overlaps.
    public var broad: StepContrast { edges.reduce(into: StepContrast()) { $0 += $1.broad } }
    /// The standard error of the ratio of `broad`; nil if there is no finite ratio.
    public var broadError: Double? { StepContrast.standardError(of: edges.map(\.broad)) }
    /// The standard error of the ratio of `height`; nil if there is no finite ratio.
    public var heightError: Double? { StepContrast.standardError(of: edges.map(\.height)) }
    /// The standard error of the ratio of `slope`; nil if there is no finite ratio.
    public var slopeError: Double? { StepContrast.standardError(of: edges.map(\.slope)) }
    /// The mean of all spectral peaks; nil if there are none.
    public var peak: Double? {
      let peaks = (columnPeaks ?? []) + (rowPeaks ?? [])
      return peaks.isEmpty ? nil : peaks.reduce(0, +) / Double(peaks.count)
    }
  }
}
