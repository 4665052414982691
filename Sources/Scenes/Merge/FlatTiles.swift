import Grids
import Surfaces
import Synchronization

/// Finds tiles whose relief is too small to be distinguished from errors, such as the sea or a plain.
///
/// The shape of such a tile comes from the network, but its scale does not. A tile is flat if one of these holds:
///
/// - All its heights are equal.
/// - The trust of its calibration is less than 0.1.
/// - The relief of the surface under it is less than a twentieth of that of its surroundings, which is within the error
///   of any network.
/// - The scene is a single tile, and its relief is less than a tenth of that of the training terrain.
final class FlatTiles: Sendable {
  private let surface: CoarseSurface
  /// What is known about the tiles that were asked for.
  private let known = Mutex<[TileIndex: Bool]>([:])

  init(surface: CoarseSurface) { self.surface = surface }

  /// The minimum trust: a tenth of the variance shared with any overlapping tile or with the overview (r ≈ 0.32).
  ///
  /// Small samples of unrelated pixels reach lower values by chance, and then the prior that ties a tile to its
  /// neighbors determines its scale.
  static let leastTrust = 0.1

  /// Whether a tile is done and flat.
  ///
  /// Each tile is read up to ten times, because neighbors read it as well.
  func contains(_ tile: TileIndex) throws -> Bool {
    if let found = known.withLock({ $0[tile] }) { return found }
    let isFlat = try isFlat(tile)
    known.withLock { $0[tile] = isFlat }
    return isFlat
  }

  private func isFlat(_ tile: TileIndex) throws -> Bool {
    try Task.checkCancellation()
    guard let calibration = surface.calibrations[tile],
      try surface.store.state(of: tile, in: .coarse) == .done
    else { return false }
    if calibration.trust < Self.leastTrust { return true }
    let (lowest, highest) = try surface.store.values(of: tile, in: .coarse).finiteRange
    return try lowest == highest || surface.crop(under: tile).isFlat
  }
}
