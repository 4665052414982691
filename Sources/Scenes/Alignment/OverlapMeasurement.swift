import Grids
import Surfaces
import Tensors

/// Measures how the tiles of a level fit one another and an overview of the same area.
///
/// A network gives each tile its own scale and offset; blending uncalibrated tiles leaves steps along the tile grid.
struct OverlapMeasurement: Sendable {
  let store: RunStore
  let level: ScenePlan.Level
  /// The stage of the tiles.
  let stage: StageName
  /// The surface that defines the scale and offset; nil to calibrate the tiles among themselves.
  let reference: TileMosaic?
  /// Whether to measure only the range of each tile.
  let measuresOnlyRanges: Bool

  /// Fits a tile to its left and upper neighbors and to the reference, where they overlap.
  ///
  /// - Throws: `DamagedTile` or `FileError` if a tile cannot be read, or `CancellationError`.
  func fits(of tile: TileIndex) throws -> TileFits {
    try Task.checkCancellation()
    var fits = TileFits()
    guard try store.state(of: tile, in: stage) == .done else { return fits }
    let values = try store.values(of: tile, in: stage)
    fits.range = values.finiteRange
    if measuresOnlyRanges { return fits }
    let window = level.tiles.window(of: tile)
    func neighborFit(_ other: TileIndex) throws -> AffineFit? {
      guard other.row >= 0, other.column >= 0,
        try store.state(of: other, in: stage) == .done
      else { return nil }
      let otherWindow = level.tiles.window(of: other)
      let ground = window.intersection(otherWindow).intersection(level.tiles.scene)
      guard !ground.isEmpty else { return nil }
      let cells = CellGrid(over: ground)
      return AffineFit(
        of: cells.medians(of: values, in: window),
        to: cells.medians(of: try store.values(of: other, in: stage), in: otherWindow))
    }
    fits.left = try neighborFit(TileIndex(row: tile.row, column: tile.column - 1))
    fits.above = try neighborFit(TileIndex(row: tile.row - 1, column: tile.column))
    if let reference { fits.reference = try fit(values, in: window, to: reference) }
    return fits
  }

  /// Fits a tile to the reference, which may have larger pixels.
  private func fit(
    _ values: [Float], in window: Window, to reference: TileMosaic
  ) throws -> AffineFit? {
    let lattice = Resampling(from: level.lattice, to: reference.level.lattice)
    let ground = window.intersection(level.tiles.scene)
    let place = Resampling(from: reference.level.lattice, to: level.lattice)
      .sourceWindow(for: ground)
    let pixel = (lattice.columnScale, lattice.rowScale)
    let cells = CellGrid(over: ground, minimumSide: max(4, pixel.0, pixel.1))
    let below = try reference.values(in: place)
    let fit = AffineFit(
      of: cells.medians(of: values, in: window),
      to: cells.medians(of: below, in: place, pixel: pixel))
    // If too few pixels are valid to fill a cell, the medians of all valid pixels determine the height.
    return fit
      ?? values.knownMedian.flatMap { median in
        below.knownMedian.flatMap { AffineFit(of: [median], to: [$0]) }
      }
  }
}

extension [Float] {
  /// The median of the values that are not NaN; nil if there are none.
  fileprivate var knownMedian: Float? {
    let known = filter { !$0.isNaN }
    return known.isEmpty ? nil : known.median()
  }
}
