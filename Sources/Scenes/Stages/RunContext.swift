package import TileModels
import Grids
import Surfaces

/// What the stages of a run have in common in one process.
package struct RunContext: Sendable {
  /// The results of all stages.
  package let store: RunStore
  /// The scene.
  package let scene: SceneSource
  /// The reference that gives heights in meters; nil for relative heights.
  package let reference: ReferenceSource?
  /// The networks.
  package let model: any TileModel
  /// The resources of this process.
  package let resources: Resources

  package init(
    store: RunStore, scene: SceneSource, reference: ReferenceSource? = nil,
    model: any TileModel, resources: Resources
  ) {
    (self.store, self.scene, self.reference) = (store, scene, reference)
    (self.model, self.resources) = (model, resources)
  }

  /// The plan of the run.
  package var plan: ScenePlan { store.plan }

  /// The reference of an anchored run.
  func requireReference() -> ReferenceSource {
    guard let reference else {
      preconditionFailure("a run with a reference was started without it")
    }
    return reference
  }

  /// The scene as the networks receive it.
  func source(treatsDamageAsNoData: Bool = false) -> CalibratedScene {
    CalibratedScene(
      scene, plan.radiometry, turn: plan.turn, treatsDamageAsNoData: treatsDamageAsNoData)
  }
}
