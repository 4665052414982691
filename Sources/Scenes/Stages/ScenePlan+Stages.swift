public import Grids
import Surfaces

/// The stages of a plan.
extension ScenePlan {
  /// Returns the stages in execution order, with the given quality layers.
  func stages(_ layers: Set<ConfidenceRaster> = []) -> [any Stage] {
    let keepsSpread = layers.contains(.spread)
    var stages: [any Stage] = [ValidityStage(area: area)]
    if let overview { stages.append(CoarseStage.overview(overview)) }
    stages.append(CoarseStage.working(self, keepsSpread: keepsSpread))
    if let overview { stages += AlignmentStages.overview(overview) }
    if isAligned { stages += AlignmentStages.working(self) }
    if let joint { stages += JointRefinement.stages(of: self, joint) }
    if refinement != nil { stages.append(RefinementStage(self, keepsSpread: keepsSpread)) }
    stages.append(MergeStage(self, layers: layers))
    guard let anchor else { return stages }
    stages.append(AnchorCellsStage(self, anchor))
    if anchor.hasDetail { stages.append(AnchorGainsStage(anchor)) }
    return stages + [AnchorStage(self, anchor)]
  }

  /// The stages in which a network processes tiles, in execution order.
  public var networkStages: [StageName] {
    stages().filter(\.load.usesNetwork).map(\.name)
  }

  /// Returns the tasks of a stage: tiles, or groups of tiles or strips, numbered by rows; empty if the plan does not
  /// include the stage.
  public func tasks(of stage: StageName) -> [TileIndex] {
    stages().first { $0.name == stage }?.tasks ?? []
  }

  /// Whether coarse tiles get scales and offsets: not if the scene is a single tile.
  var isAligned: Bool { overview != nil || normalization == .perTile }

  /// The stages that define the output's heights.
  var heightStages: [StageName] { surfaceStages + (refinement == nil ? [] : [outputStage]) }

  /// The stages that define the coarse surface.
  var surfaceStages: [StageName] {
    [.coarse] + (isAligned ? [.scales] : []) + (overview == nil ? [] : [.overviewOverlaps])
  }
}
