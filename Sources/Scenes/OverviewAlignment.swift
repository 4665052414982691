import Grids
import Surfaces

/// Puts every tile on the overview's ruler: one scale and one shift each, by a robust fit where both have
/// values.
///
/// A network gives each tile a scale and a shift of its own; blending them as they are leaves a grid of
/// steps.
struct OverviewAlignment {
  let plan: ScenePlan
  let store: any TileStore

  /// A fit for each wanted tile that is done; the identity where there is no overview, and none for a tile on
  /// whose ground every tile of the overview has failed.
  func fits() async throws -> [TileIndex: AffineFit] {
    let tiles = try plan.working.wanted.filter {
      try store.state(of: $0, in: .coarse) == .done
    }
    guard let overview = plan.overview else {
      return Dictionary(uniqueKeysWithValues: tiles.map { ($0, .identity) })
    }
    let mosaic = TileMosaic(level: overview, stage: .overview, store: store, fits: nil)
    var fits: [TileIndex: AffineFit] = [:]
    for tile in tiles {
      try Task.checkCancellation()
      let (values, window) = try shrunk(tile, to: overview)
      let reference = try mosaic.values(in: window)
      fits[tile] = try (AffineFit(of: values, to: reference) ?? placed(tile, on: mosaic))?.steadied
    }
    return fits
  }

  /// A tile whose valid pixels fill no cell of the overview: its middle height is put where the overview has it.
  private func placed(_ tile: TileIndex, on mosaic: TileMosaic) throws -> AffineFit? {
    let seen = plan.working.tiles.window(of: tile).intersection(plan.working.tiles.scene)
    let cells = Resampling(from: mosaic.level.lattice, to: plan.working.lattice)
      .sourceWindow(for: seen)
    let middle = { (values: [Float]) in values.filter { !$0.isNaN }.sorted().middle.map(Double.init)
    }
    guard let centre = middle(try store.values(of: tile, in: .coarse)),
      let level = middle(try mosaic.values(in: cells))
    else { return nil }
    return AffineFit(scale: 1, shift: level - centre, correlation: 0, count: 0, centre: centre)
  }

  /// A tile averaged onto the overview's lattice, and the window of it that lies wholly inside the tile.
  private func shrunk(
    _ tile: TileIndex, to overview: ScenePlan.Level
  ) throws -> ([Float], Window) {
    let resampling = Resampling(from: plan.working.lattice, to: overview.lattice)
    let tileWindow = plan.working.tiles.window(of: tile)
    let seen = tileWindow.intersection(plan.working.tiles.scene)
    let target = Window(
      columns: Self.inside(seen.columns, scale: resampling.columnScale),
      rows: Self.inside(seen.rows, scale: resampling.rowScale))
    guard !target.isEmpty else { return ([], target) }
    let footprint = resampling.sourceWindow(for: target)
    let values = try store.values(of: tile, in: .coarse)
    let part = footprint.rows.flatMap { row in
      let start = (row - tileWindow.row) * tileWindow.width - tileWindow.column
      return values[start + footprint.column..<start + footprint.columns.upperBound]
    }
    return (resampling.apply(part, to: target), target)
  }

  /// The cells, `scale` pixels long, that lie wholly within `pixels`.
  private static func inside(_ pixels: Range<Int>, scale: Double) -> Range<Int> {
    let first = Int((Double(pixels.lowerBound) / scale - 1e-9).rounded(.up))
    let last = Int((Double(pixels.upperBound) / scale + 1e-9).rounded(.down))
    return first..<max(first, last)
  }
}

extension Window {
  fileprivate init(columns: Range<Int>, rows: Range<Int>) {
    self.init(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }
}

extension Array {
  fileprivate var middle: Element? { isEmpty ? nil : self[(count - 1) / 2] }
}
