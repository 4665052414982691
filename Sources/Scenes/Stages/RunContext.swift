package import TileModels
import Grids
import Surfaces

/// What the stages of a run have in common in one process.
package struct RunContext: Sendable {
  /// The results of all stages.
  package let store: RunStore
  /// The scene.
  package let scene: SceneSource
  /// The networks.
  package let model: any TileModel
  /// The resources of this process.
  package let resources: Resources

  package init(
    store: RunStore, scene: SceneSource, model: any TileModel, resources: Resources
  ) {
    (self.store, self.scene, self.model, self.resources) = (store, scene, model, resources)
  }

  /// The plan of the run.
  package var plan: ScenePlan { store.plan }

  /// The scene as the networks receive it.
  func source(treatsDamageAsNoData: Bool = false) -> CalibratedScene {
    CalibratedScene(
      scene, plan.radiometry, turn: plan.turn, treatsDamageAsNoData: treatsDamageAsNoData)
  }
}
