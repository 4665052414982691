import DepthModels
import Grids

/// What must hold of a plan that was read from a file: decoding proves its form alone, and arithmetic would trap.
extension ScenePlan {
  /// - Throws: `SceneError` naming the first part that no run can have planned.
  func requirePossible(in path: String) throws {
    func require(_ holds: Bool, _ part: String) throws {
      guard holds else {
        throw SceneError(
          .badData,
          "\(path) is no plan of a run: its part “\(part)” cannot be; --overwrite starts anew")
      }
    }
    // No raster that GDAL opens is larger than an Int32 says.
    let sides = 1...Int(Int32.max)
    try require(sides.contains(scene.width) && sides.contains(scene.height), "scene")
    try require(
      !area.isEmpty && (0..<scene.width).contains(area.column)
        && (0..<scene.height).contains(area.row) && area.width <= scene.width - area.column
        && area.height <= scene.height - area.row, "area")
    try require(radiometry.isPossible, "radiometry")
    try require(working.isPossible, "working")
    try require(overview?.isPossible ?? true, "overview")
    try require(refinement.map { (1...1000).contains($0.steps) } ?? true, "refinement")
    try require(joint?.isPossible ?? true, "joint")
  }

  /// Of tiles and latent maps, far above any network's.
  fileprivate static let largestTile = 1 << 20
}

extension ScenePlan.Level {
  fileprivate var isPossible: Bool {
    let tile = 1...ScenePlan.largestTile
    guard lattice.width == tiles.width, lattice.height == tiles.height,
      // Rounding to whole pixels may add to the largest.
      Double(lattice.width) * Double(lattice.height) <= 2 * ScenePlan.largestLattice,
      tile.contains(tiles.tileWidth), tile.contains(tiles.tileHeight)
    else { return false }
    let (rows, columns) = (0..<tiles.rows, 0..<tiles.columns)
    return zip(wanted, wanted.dropFirst()).allSatisfy { $0 < $1 }
      && wanted.allSatisfy { rows.contains($0.row) && columns.contains($0.column) }
  }
}

extension LatentLattice {
  fileprivate var isPossible: Bool {
    let side = 1...ScenePlan.largestTile
    let channels = 1...1 << 16
    return side.contains(rows) && side.contains(columns)
      && channels.contains(coarseChannels) && channels.contains(imageChannels)
      && (1...1000).contains(steps)
  }
}

extension Radiometry {
  fileprivate var isPossible: Bool {
    !low.isEmpty && low.count == high.count && low.count == fill.count
      && zip(low, high).allSatisfy { $0 < $1 } && fill.allSatisfy { (0...255).contains($0) }
      && step > 0 && count > 0 && (0...1).contains(clippedShare)
  }
}
