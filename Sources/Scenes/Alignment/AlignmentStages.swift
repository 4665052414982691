import Grids
import Surfaces

/// The stages that give the tiles of a level a common scale and offset: first measure how tiles overlap, then solve.
///
/// No task reads more than a group of tiles and their neighbors, and the solution reads only what was measured.
enum AlignmentStages {
  /// The stages of the overview, whose tiles are calibrated among themselves.
  static func overview(_ level: ScenePlan.Level) -> [any Stage] {
    [
      OverlapStage(
        name: .overviewOverlaps, level: level, tileStage: .overview, overview: nil,
        measuresOnlyRanges: false),
      ScaleStage(
        name: .overviewScales, level: level, overlaps: .overviewOverlaps, normalization: .scene),
    ]
  }

  /// The stages of the working level, whose tiles are calibrated to the overview as well.
  static func working(_ plan: ScenePlan) -> [any Stage] {
    [
      OverlapStage(
        name: .overlaps, level: plan.working, tileStage: .coarse, overview: plan.overview,
        measuresOnlyRanges: plan.normalization == .perTile),
      ScaleStage(
        name: .scales, level: plan.working, overlaps: .overlaps,
        normalization: plan.normalization),
    ]
  }
}

/// Measures how the tiles of a level fit one another and the overview.
struct OverlapStage: Stage {
  let name: StageName
  let level: ScenePlan.Level
  /// The stage of the tiles.
  let tileStage: StageName
  /// The level to which the tiles are fitted as well, if any.
  let overview: ScenePlan.Level?
  /// Whether to measure only the range of each tile.
  let measuresOnlyRanges: Bool

  /// The number of tiles that are measured and stored together.
  ///
  /// Their results are a few numbers each, and an object store is asked once for each group.
  static let groupSize = 64

  var inputs: [StageName] { [tileStage] + (overview == nil ? [] : [.overview, .overviewScales]) }
  var tasks: [TileIndex] {
    (0..<(level.wanted.count + Self.groupSize - 1) / Self.groupSize).map {
      TileIndex(row: $0, column: 0)
    }
  }
  var result: StageResult { .numbers(Self.groupSize * TileFits.numberCount) }
  var load: StageLoad { .numbers }

  func work(in context: RunContext) throws -> StageWork {
    let reference = try overview.map {
      TileMosaic(
        level: $0, stage: .overview, store: context.store,
        calibrations: try context.store.calibrations(of: $0, in: .overviewScales))
    }
    let measurement = OverlapMeasurement(
      store: context.store, level: level, stage: tileStage, reference: reference,
      measuresOnlyRanges: measuresOnlyRanges)
    return { group, _ in
      let first = group.row * Self.groupSize
      let tiles = level.wanted[first..<min(first + Self.groupSize, level.wanted.count)]
      let numbers = try tiles.flatMap { try measurement.fits(of: $0).numbers }
      let count = Self.groupSize * TileFits.numberCount
      return .numbers(numbers + [Double](repeating: 0, count: count - numbers.count))
    }
  }
}

/// Solves for the scales and offsets of the tiles of a level.
struct ScaleStage: Stage {
  let name: StageName
  let level: ScenePlan.Level
  /// The stage of the measured overlaps.
  let overlaps: StageName
  let normalization: SceneOptions.Normalization

  var inputs: [StageName] { [overlaps] }
  var tasks: [TileIndex] { [TileIndex(row: 0, column: 0)] }
  var result: StageResult { .numbers(TileScales.numberCount * level.wanted.count) }
  var load: StageLoad { .numbers }

  func work(in context: RunContext) -> StageWork {
    { _, _ in
      let fits = try context.store.fits(of: level, in: overlaps)
      return .numbers(
        TileScales.numbers(
          normalization == .perTile
            ? TileScales.minMax(fits) : TileScales.solved(level.wanted, fits)))
    }
  }
}

extension RunStore {
  /// The stored fits of all tiles of a level.
  func fits(of level: ScenePlan.Level, in stage: StageName) throws -> [TileFits] {
    let count = TileFits.numberCount
    let all = try tasks(of: stage).flatMap { group in
      let numbers = try doubles(of: group, in: stage)
      return (0..<OverlapStage.groupSize).map {
        TileFits(numbers: numbers[$0 * count..<($0 + 1) * count])
      }
    }
    return Array(all.prefix(level.wanted.count))
  }

  /// The stored calibrations of the tiles of a level; tiles without heights, or not connected to the reference, have
  /// none.
  func calibrations(
    of level: ScenePlan.Level, in stage: StageName
  ) throws -> [TileIndex: TileAlignment.Calibration] {
    TileScales.calibrations(
      level.wanted, numbers: try doubles(of: TileIndex(row: 0, column: 0), in: stage))
  }

  /// The calibration of each coarse tile to the scene's common scale and offset, which the overview defines.
  func calibrations() throws -> [TileIndex: TileAlignment.Calibration] {
    guard plan.isAligned else {
      return Dictionary(uniqueKeysWithValues: plan.working.wanted.map { ($0, .identity) })
    }
    return try calibrations(of: plan.working, in: .scales)
  }
}
