public import Grids

/// What is done in which order, and what is kept of it.
extension ScenePlan {
  /// Those that the plan has, in the order in which they are run.
  public var stages: [Stage] {
    var stages: [Stage] = overview == nil ? [.coarse] : [.overview, .coarse]
    if let joint { stages += [.conditions] + (1...joint.steps).map { .detail($0) } }
    if refinement != nil { stages.append(.refined) }
    return stages
  }

  /// The tiles that a stage has to bring to their end; none where the plan has no such stage.
  public func tiles(of stage: Stage) -> [TileIndex] {
    switch stage {
    case .overview: overview?.wanted ?? []
    case .coarse: working.wanted
    case .conditions, .detail: joint == nil ? [] : outputTiles
    case .refined: refinement == nil ? [] : outputTiles
    }
  }

  /// How many numbers a stage keeps of each tile.
  func numbers(of stage: Stage) -> Int {
    switch stage {
    case .overview: overview.map { $0.tiles.tileWidth * $0.tiles.tileHeight } ?? 0
    case .coarse, .refined: working.tiles.tileWidth * working.tiles.tileHeight
    case .conditions: joint?.conditionCount ?? 0
    case .detail: joint?.detailCount ?? 0
    }
  }
}
