import DepthModels
import Grids
import Surfaces

/// Finds the tiles that are too flat for what they show to be told from errors: the sea, a plain.
///
/// Their shape is the network's, but how high it is was decided elsewhere. A tile is flat if its heights are all the
/// same; if its calibration is trusted less than 0.1; if the relief of the surface under it is less than a twentieth of that
/// of its surroundings, which any network errs by; or, of a scene of one tile, if it is less than a tenth of that of the
/// land that the network was trained on.
struct FlatTiles {
  let plan: ScenePlan
  let store: any TileStore
  let rulers: [TileIndex: TileAlignment.Ruler]
  let model: any TileModel

  /// A tenth of the variance shared with any tile beside or above it (r ≈ 0.32): less is what handfuls of unrelated
  /// pixels reach, and then the prior that ties a tile to its neighbours decides about its scale.
  static let leastTrust = 0.1

  /// Those of the output's tiles that are done and flat.
  ///
  /// Each coarse tile is read up to ten times, with its neighbours.
  func callAsFunction() throws -> Set<TileIndex> {
    let surface = CoarseSurface(plan: plan, store: store, rulers: rulers, model: model)
    return try Set(
      plan.outputTiles.filter { tile in
        try Task.checkCancellation()
        guard let ruler = rulers[tile], try store.state(of: tile, in: .coarse) == .done else {
          return false
        }
        if ruler.trust < Self.leastTrust { return true }
        let (lowest, highest) = try store.values(of: tile, in: .coarse).finiteRange
        if lowest == highest { return true }
        return try surface.crop(under: tile).isFlat
      })
  }
}
