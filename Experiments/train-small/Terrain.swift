import Pairs
import Rendering

/// A terrain to render.
struct Terrain: Sendable {
  let name: String
  let site: String
  let split: Pair.Split
  /// The number of images to render.
  let times: Int
  let climate: Climate
  let isSouthern: Bool
  /// The heights that the image is rendered from: small voids are filled, so that the image has no unrealistic holes.
  let field: HeightField
  /// The target heights: `[row, column]`, NaN in every void.
  let heights: [Float]
}

/// A source of terrain.
enum TerrainSource: Sendable {
  case dem(DEMList.Entry, data: String)
  case made(SyntheticTerrain)

  /// Reads or generates the terrain.
  ///
  /// - Parameter scratch: A folder for temporary resampled DEMs.
  /// - Returns: The terrain.
  /// - Throws: Errors of a DEM.
  func terrain(in scratch: String) throws -> Terrain {
    switch self {
    case .made(let made): return made.terrain()
    case .dem(let entry, let data):
      let measured = try MetricDEM(entry, in: data, scratch: scratch).field
      let field = entry.voidsAreSea ? measured.withSea() : measured
      return Terrain(
        name: entry.name, site: entry.site, split: entry.split, times: entry.times,
        climate: entry.climate, isSouthern: entry.isSouthern, field: field.withGapsClosed(),
        heights: field.heights)
    }
  }
}
