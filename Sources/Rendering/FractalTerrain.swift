/// Synthetic terrain: noise determines uplift and rock hardness, and river erosion shapes the surface.
///
/// The terrain evolves first on a coarse grid, where rivers cross few pixels, and then on finer grids, each with half
/// the pixel size of the last, down to the requested one. A subsiding basin forms a plain and a lake. The same values
/// give bit-identical heights on every machine.
public struct FractalTerrain: Hashable, Sendable {
  /// The number of columns.
  public var width: Int
  /// The number of rows.
  public var height: Int
  /// The side of a pixel in meters.
  public var gsdInMeters: Float
  /// The seed of the noise.
  public var seed: UInt64
  /// The approximate difference between the highest peak and the lowest valley, in meters.
  public var reliefInMeters: Float = 2000
  /// The base height of the terrain, in meters.
  public var baseHeightInMeters: Float = 400
  /// The erosion that shapes the terrain.
  public var erosion = Erosion()

  /// Creates terrain with default relief, base height and erosion.
  public init(width: Int, height: Int, gsdInMeters: Float, seed: UInt64 = 42) {
    precondition(width > 0 && height > 0, "terrain needs at least one pixel")
    precondition(gsdInMeters > 0, "the pixel size must be positive")
    self.width = width
    self.height = height
    self.gsdInMeters = gsdInMeters
    self.seed = seed
  }

  /// Computes the heights, with lakes filled to their outlets.
  ///
  /// The time is proportional to the number of pixels: 13 s per million on one core, measured at 1300 × 1150.
  public func heightField() -> HeightField {
    // The margin contains the base level, to which all rivers flow, and is cropped at the end.
    let margin = max(width, height) / 6 + 8
    let coarsest = 8
    func padded(_ size: Int) -> Int { (size + 2 * margin + coarsest - 1) / coarsest }

    var field = initialTerrain(width: padded(width), height: padded(height), refinement: coarsest)
    for (level, steps) in [60, 30, 16, 8].enumerated() {
      if level > 0 { field = refined(field, level: level) }
      let uplift = uplift(over: field)
      let softness = softness(over: field)
      for step in 0..<steps {
        let noise = PositionalNoise(seed: seed, stream: UInt64(1000 * (level + 1) + step / 4))
        erosion.erode(&field, years: 50_000, uplift: uplift, softness: softness, noise: noise)
      }
    }
    erosion.fillValleys(of: &field, perCatchment: 6)
    fillBasin(of: &field)
    return cropped(field, margin: margin)
  }

  /// Returns low hills above the base height: on flat terrain, rivers would follow straight lines.
  private func initialTerrain(width: Int, height: Int, refinement: Int) -> HeightField {
    let noise = PositionalNoise(seed: seed, stream: 0)
    let gsd = gsdInMeters * Float(refinement)
    let extent = Float(max(width, height)) * gsd
    return HeightField(width: width, height: height, gsdInMeters: gsd) { east, south in
      let isEdge =
        east == 0 || south == 0 || east >= Float(width - 1) * gsd
        || south >= Float(height - 1) * gsd
      let hills = 1 + noise.fractal(6 * east / extent, 6 * south / extent, octaves: 6, gain: 0.7)
      return baseHeightInMeters + (isEdge ? 0 : 0.25 * reliefInMeters * hills)
    }
  }

  /// Returns uplift in meters per year: a mountain range with spurs and gaps, and a subsiding basin next to it.
  private func uplift(over field: HeightField) -> [Float] {
    let noise = PositionalNoise(seed: seed, stream: 1)
    // In a steady state, the river profile integrates ∫ dx / √A, about 9 for catchments of tens of kilometers.
    let fastest = reliefInMeters * erosion.erodibility / 9
    let extent = Float(max(field.width, field.height)) * field.gsdInMeters
    return HeightField(width: field.width, height: field.height, gsdInMeters: field.gsdInMeters) {
      east, south in
      let (x, y) = (east / extent, south / extent)
      let waves = noise.fractal(2.6 * x + 0.37, 2.6 * y + 0.61, octaves: 5)
      let lift = min(max(0.5 + 1.2 * waves, 0), 1)
      let risen = fastest * (0.25 + 0.95 * lift * lift * (3 - 2 * lift))
      let sinking = basin(x, y)
      return risen * (1 - sinking) - 0.02 * fastest * sinking
    }.heights
  }

  /// Returns 1 in the middle of the basin, decreasing smoothly to 0; positions are fractions of the longer side.
  private func basin(_ x: Float, _ y: Float) -> Float {
    let noise = PositionalNoise(seed: seed, stream: 2)
    let bend = 0.05 * noise.fractal(5 * x, 5 * y, octaves: 3)
    let along = 0.8 * (x - 0.68) + 0.6 * (y - 0.60) + bend
    let across = 0.8 * (y - 0.60) - 0.6 * (x - 0.68) + bend
    let distance = (along * along) / (0.17 * 0.17) + (across * across) / (0.07 * 0.07)
    let inside = max(1 - distance, 0)
    return inside * inside * (3 - 2 * inside)
  }

  /// Returns factors of the erodibility: bands of hard and soft rock, from 0.4 to 1.8.
  private func softness(over field: HeightField) -> [Float] {
    let noise = PositionalNoise(seed: seed, stream: 3)
    return HeightField(width: field.width, height: field.height, gsdInMeters: field.gsdInMeters) {
      east, south in
      min(max(1 + 0.9 * noise.fractal(east / 5000, south / 3000, octaves: 6, gain: 0.7), 0.4), 1.8)
    }.heights
  }

  /// Returns the terrain with half the pixel size, and slight roughness that starts new rivers.
  private func refined(_ coarse: HeightField, level: Int) -> HeightField {
    let noise = PositionalNoise(seed: seed, stream: UInt64(10 + level))
    let gsd = coarse.gsdInMeters / 2
    return HeightField(width: 2 * coarse.width, height: 2 * coarse.height, gsdInMeters: gsd) {
      east, south in
      let (column, row) = ((east / gsd).rounded(), (south / gsd).rounded())
      let roughness = 0.1 * gsd * noise.normal(Int(column), Int(row))
      return coarse.bilinear(column: (column - 0.5) / 2, row: (row - 0.5) / 2) + roughness
    }
  }

  /// Lowers the middle of the basin below its outlet and fills depressions with water.
  private func fillBasin(of field: inout HeightField) {
    let extent = Float(max(field.width, field.height)) * field.gsdInMeters
    let depth = 0.05 * reliefInMeters
    let noise = PositionalNoise(seed: seed, stream: 4)
    for row in 0..<field.height {
      for column in 0..<field.width {
        let x = Float(column) * field.gsdInMeters / extent
        let y = Float(row) * field.gsdInMeters / extent
        let shore = 0.5 * noise.fractal(14 * x, 14 * y, octaves: 6, gain: 0.6)
        field.heights[row * field.width + column] -= depth * max(2 * basin(x, y) - 1 + shore, 0)
      }
    }
    field.heights = Drainage(of: field).levels
  }

  private func cropped(_ field: HeightField, margin: Int) -> HeightField {
    var heights: [Float] = []
    heights.reserveCapacity(width * height)
    for row in margin..<margin + height {
      heights += field.heights[row * field.width + margin..<row * field.width + margin + width]
    }
    return HeightField(width: width, height: height, gsdInMeters: gsdInMeters, heights: heights)
  }
}
