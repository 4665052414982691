import Grids
import Surfaces
import Tensors

/// Calibrates the tiles of a stage to one another, using their overlaps and an overview of the same area.
///
/// A network gives each tile its own scale and offset; blending uncalibrated tiles leaves steps along the tile grid.
struct SceneAlignment {
  let store: RunStore
  let level: ScenePlan.Level
  let stage: Stage
  /// The surface that defines the scale and offset; nil to calibrate the tiles among themselves.
  let reference: TileMosaic?

  /// Computes the calibration of each finished tile that is connected to the reference by a chain of overlaps.
  ///
  /// - Parameters:
  ///   - tiles: The tiles to calibrate; all others are ignored.
  ///   - threads: The number of tiles compared at the same time; it does not affect the result.
  /// - Returns: The calibrations; a tile that is not finished or not connected to the reference has none.
  /// - Throws: `SceneError` if a tile cannot be read, or `CancellationError`.
  func calibrations(
    for tiles: [TileIndex], threads: Int
  ) async throws -> [TileIndex: TileAlignment.Calibration] {
    let done = try tiles.filter { try store.state(of: $0, in: stage) == .done }
    let numbers = Dictionary(uniqueKeysWithValues: zip(done, done.indices))
    var overlaps = [[TileAlignment.Overlap]](repeating: [], count: done.count)
    try await forEachConcurrently(done, atOnce: threads) {
      try self.overlaps(of: $0, numbers)
    } receive: {
      overlaps[$0] = $1
    }
    let alignment = TileAlignment(tiles: done.count, overlaps: overlaps.flatMap { $0 })
    return Dictionary(
      uniqueKeysWithValues: zip(done, alignment.calibrations).compactMap { tile, calibration in
        calibration.map { (tile, $0) }
      })
  }

  /// Fits a tile to its left and upper neighbors and to the reference, where they overlap.
  private func overlaps(
    of tile: TileIndex, _ numbers: [TileIndex: Int]
  ) throws -> [TileAlignment.Overlap] {
    guard let number = numbers[tile] else { return [] }
    let values = try store.values(of: tile, in: stage)
    let window = level.tiles.window(of: tile)
    let before = [
      TileIndex(row: tile.row, column: tile.column - 1),
      TileIndex(row: tile.row - 1, column: tile.column),
    ]
    var overlaps: [TileAlignment.Overlap] = try before.compactMap { other in
      let otherWindow = level.tiles.window(of: other)
      let ground = window.intersection(otherWindow).intersection(level.tiles.scene)
      guard let otherNumber = numbers[other], !ground.isEmpty else { return nil }
      let cells = CellGrid(over: ground)
      let fit = AffineFit(
        of: cells.medians(of: values, in: window),
        to: cells.medians(of: try store.values(of: other, in: stage), in: otherWindow))
      return fit.map { TileAlignment.Overlap(of: number, with: otherNumber, $0) }
    }
    if let reference, let fit = try fit(values, in: window, to: reference) {
      overlaps.append(TileAlignment.Overlap(of: number, with: nil, fit))
    }
    return overlaps
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
