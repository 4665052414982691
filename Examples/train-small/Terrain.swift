import Learning

/// Land to be rendered.
struct Terrain: Sendable {
  let name: String
  let site: String
  let split: Pair.Split
  /// How many images of it.
  let times: Int
  let climate: Climate
  let isSouthern: Bool
  /// What the image is drawn of: small voids are closed, so that the image has no holes that no real one has.
  let field: HeightField
  /// What is learned: `[row, column]`, NaN in every void.
  let heights: [Float]
}

/// Where land comes from.
enum TerrainSource: Sendable {
  case dem(DEMList.Entry, data: String)
  case made(MadeTerrain)

  /// Reads it, or makes it.
  ///
  /// - Parameter scratch: A folder for a DEM on its way to another grid.
  /// - Returns: The land.
  /// - Throws: What is wrong with a DEM.
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
