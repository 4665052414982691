public import Grids

/// The stages of a plan: their order, their tiles and the size of their results.
extension ScenePlan {
  /// The stages of the plan, in execution order.
  public var stages: [Stage] {
    var stages: [Stage] = overview == nil ? [.coarse] : [.overview, .coarse]
    if let joint { stages += [.conditions] + (1...joint.steps).map { .detail($0) } }
    if refinement != nil { stages.append(.refined) }
    return stages
  }

  /// Returns the tiles that a stage must complete; empty if the plan does not include the stage.
  public func tiles(of stage: Stage) -> [TileIndex] {
    switch stage {
    case .overview: overview?.wanted ?? []
    case .coarse: working.wanted
    case .conditions, .detail: joint == nil ? [] : outputTiles
    case .refined: refinement == nil ? [] : outputTiles
    }
  }

  /// Returns the number of values that a stage stores for each tile.
  func numbers(of stage: Stage) -> Int {
    switch stage {
    case .overview: overview.map { $0.tiles.tileWidth * $0.tiles.tileHeight } ?? 0
    case .coarse, .refined: working.tiles.tileWidth * working.tiles.tileHeight
    case .conditions: joint?.conditionCount ?? 0
    case .detail: joint?.detailCount ?? 0
    }
  }
}
