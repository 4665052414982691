import TileModels
import Grids

/// Validation of a plan that was decoded from a file.
///
/// Decoding verifies only the structure; invalid numbers would cause arithmetic traps later.
extension ScenePlan {
  /// Checks the values of all parts of the plan.
  ///
  /// - Parameter path: The file's path, for the error message.
  /// - Throws: `SceneError` with the name of the first part whose values are invalid.
  func validate(path: String) throws {
    func require(_ holds: Bool, _ part: String) throws {
      guard holds else {
        throw SceneError(
          .badData,
          "\(path) is not a valid plan: the values of its part “\(part)” are impossible; "
            + "use --overwrite to start over")
      }
    }
    // GDAL stores raster sizes as Int32.
    let sides = 1...Int(Int32.max)
    try require(sides.contains(scene.width) && sides.contains(scene.height), "scene")
    try require(
      !area.isEmpty && (0..<scene.width).contains(area.column)
        && (0..<scene.height).contains(area.row) && area.width <= scene.width - area.column
        && area.height <= scene.height - area.row, "area")
    try require(radiometry.isValid, "radiometry")
    try require(working.isValid, "working")
    try require(overview?.isValid ?? true, "overview")
    try require(refinement.map { (1...1000).contains($0.steps) } ?? true, "refinement")
    try require(joint?.isValid ?? true, "joint")
    try require(anchor?.isValid ?? true, "anchor")
  }

  /// The maximum side of tiles and latent maps, far above that of any network.
  fileprivate static let largestTile = 1 << 20
}

extension ScenePlan.Level {
  fileprivate var isValid: Bool {
    let tile = 1...ScenePlan.largestTile
    guard lattice.width == tiles.width, lattice.height == tiles.height,
      // Rounding to whole pixels may exceed the maximum slightly.
      Double(lattice.width) * Double(lattice.height) <= 2 * ScenePlan.largestLattice,
      tile.contains(tiles.tileWidth), tile.contains(tiles.tileHeight)
    else { return false }
    let (rows, columns) = (0..<tiles.rows, 0..<tiles.columns)
    return zip(wanted, wanted.dropFirst()).allSatisfy { $0 < $1 }
      && wanted.allSatisfy { rows.contains($0.row) && columns.contains($0.column) }
  }
}

extension LatentLattice {
  fileprivate var isValid: Bool {
    let side = 1...ScenePlan.largestTile
    let channels = 1...1 << 16
    return side.contains(rows) && side.contains(columns)
      && channels.contains(coarseChannels) && channels.contains(imageChannels)
      && (1...1000).contains(steps)
  }
}

extension Radiometry {
  fileprivate var isValid: Bool {
    !low.isEmpty && low.count == high.count && low.count == fill.count
      && zip(low, high).allSatisfy { $0 < $1 } && fill.allSatisfy { (0...255).contains($0) }
      && step > 0 && count > 0 && (0...1).contains(clippedShare)
  }
}
