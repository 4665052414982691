import TileModels
import Grids
import Surfaces

/// Finds tiles whose relief is too small to be distinguished from errors, such as the sea or a plain.
///
/// The shape of such a tile comes from the network, but its scale does not. A tile is flat if one of these holds:
///
/// - All its heights are equal.
/// - The trust of its calibration is less than 0.1.
/// - The relief of the surface under it is less than a twentieth of that of its surroundings, which is within the error
///   of any network.
/// - The scene is a single tile, and its relief is less than a tenth of that of the training terrain.
struct FlatTiles {
  let plan: ScenePlan
  let store: RunStore
  /// The calibration of each tile.
  let calibrations: [TileIndex: TileAlignment.Calibration]
  let model: any TileModel

  /// The minimum trust: a tenth of the variance shared with any overlapping tile or with the overview (r ≈ 0.32).
  ///
  /// Small samples of unrelated pixels reach lower values by chance, and then the prior that ties a tile to its
  /// neighbors determines its scale.
  static let leastTrust = 0.1

  /// Returns the tiles of the output that are done and flat.
  ///
  /// Each coarse tile is read up to ten times, because neighbors read it as well.
  func callAsFunction() throws -> Set<TileIndex> {
    let surface = try CoarseSurface(
      plan: plan, store: store, calibrations: calibrations, model: model)
    return try Set(
      plan.outputTiles.filter { tile in
        try Task.checkCancellation()
        guard let calibration = calibrations[tile], try store.state(of: tile, in: .coarse) == .done
        else {
          return false
        }
        if calibration.trust < Self.leastTrust { return true }
        let (lowest, highest) = try store.values(of: tile, in: .coarse).finiteRange
        if lowest == highest { return true }
        return try surface.crop(under: tile).isFlat
      })
  }
}
