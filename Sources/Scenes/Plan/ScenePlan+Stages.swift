public import Grids
import Surfaces

/// The stages of a plan: their order, their tasks and the size of their results.
extension ScenePlan {
  /// The stages of the plan, in execution order.
  public var stages: [Stage] {
    var stages: [Stage] = []
    if overview != nil { stages.append(.overview) }
    stages.append(.coarse)
    if overview != nil { stages += [.overviewOverlaps, .overviewScales] }
    if isAligned { stages += [.overlaps, .scales] }
    if let joint { stages += [.conditions] + (1...joint.steps).map { .detail($0) } }
    if refinement != nil { stages.append(.refined) }
    return stages
  }

  /// The stages in which a network processes tiles.
  public var networkStages: [Stage] {
    stages.filter { ![.overviewOverlaps, .overviewScales, .overlaps, .scales].contains($0) }
  }

  /// Whether coarse tiles get scales and offsets: not if the scene is a single tile.
  var isAligned: Bool { overview != nil || normalization == .perTile }

  /// Returns the tasks of a stage: tiles, groups of tiles numbered by rows, or a single one; empty if the plan does not
  /// include the stage.
  public func tasks(of stage: Stage) -> [TileIndex] {
    func numbered(_ count: Int) -> [TileIndex] {
      (0..<count).map { TileIndex(row: $0, column: 0) }
    }
    func groups(_ level: Level?) -> [TileIndex] {
      numbered(((level?.wanted.count ?? 0) + Self.groupSize - 1) / Self.groupSize)
    }
    switch stage {
    case .overview: return overview?.wanted ?? []
    case .overviewOverlaps: return groups(overview)
    case .overviewScales: return numbered(overview == nil ? 0 : 1)
    case .coarse: return working.wanted
    case .overlaps: return isAligned ? groups(working) : []
    case .scales: return numbered(isAligned ? 1 : 0)
    case .conditions, .detail: return joint == nil ? [] : outputTiles
    case .refined: return refinement == nil ? [] : outputTiles
    }
  }

  /// The number of tiles whose overlaps are measured and stored together.
  ///
  /// Their results are a few numbers each, and an object store is asked once for each group.
  static let groupSize = 64

  /// Returns the tiles of a group.
  func tiles(ofGroup group: TileIndex, of level: Level) -> ArraySlice<TileIndex> {
    let first = group.row * Self.groupSize
    return level.wanted[first..<min(first + Self.groupSize, level.wanted.count)]
  }

  /// Returns the number of Float32 values, or halves of Float64 values, that a stage stores for a task.
  func numbers(of stage: Stage) -> Int {
    switch stage {
    case .overview: overview.map { $0.tiles.tileWidth * $0.tiles.tileHeight } ?? 0
    case .overviewOverlaps, .overlaps: 2 * Self.groupSize * TileFits.numberCount
    case .overviewScales: 2 * TileScales.numberCount * (overview?.wanted.count ?? 0)
    case .scales: 2 * TileScales.numberCount * working.wanted.count
    case .coarse, .refined: working.tiles.tileWidth * working.tiles.tileHeight
    case .conditions: joint?.conditionCount ?? 0
    case .detail: joint?.detailCount ?? 0
    }
  }
}
