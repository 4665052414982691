import Grids
import Rendering
import Surfaces
import Testing

@Suite struct SeamStatisticsTests {
  /// Nine columns and eight rows of tiles with a stride of 72.
  static let lines = lines(overlap: 24)
  static let (width, height) = (648, 576)

  /// Terrain without seams: noise of all wavelengths from 160 pixels to 2.5.
  static let terrain = surface { row, column in
    let noise = PositionalNoise(seed: 7, stream: 0)
    return 100 * noise.fractal(Float(column) / 160, Float(row) / 160, octaves: 7)
  }

  private static func lines(overlap: Int) -> TileLines {
    let tiles = TileGrid(
      width: width, height: height, tileWidth: 72 + overlap, tileHeight: 72 + overlap,
      overlap: overlap)
    return TileLines(tiles, on: Grid(width: width, height: height), over: tiles.scene)
  }

  private static func surface(_ height: (Int, Int) -> Float) -> [Float] {
    (0..<Self.height).flatMap { row in (0..<width).map { height(row, $0) } }
  }

  private func terrain(plus change: (Int, Int) -> Float) -> [Float] {
    zip(Self.terrain, Self.surface(change)).map { $0 + $1 }
  }

  private func statistics(
    _ surface: [Float], _ lines: TileLines = lines, stripHeight: Int = 100
  ) -> SeamStatistics.Result {
    let (width, height) = (lines.columns.extent, lines.rows.extent)
    func rows(_ range: Range<Int>) -> [Float] {
      Array(surface[range.lowerBound * width..<range.upperBound * width])
    }
    let samples = stride(from: 0, through: height - 3, by: 9).map { row in
      (row..<row + 3).map { rows($0..<$0 + 1) }
    }
    var statistics = SeamStatistics(lines, shading: Shading(samples: samples))
    for row in stride(from: 0, to: height, by: stripHeight) {
      statistics.add(rows: rows(row..<min(height, row + stripHeight)))
    }
    return statistics.finish()
  }

  @Test func `a plane has constant steps and no other signal`() {
    let result = statistics(Self.surface { Float(2 * $0 + 3 * $1) })
    #expect(result.height.ratio == 1 && result.broad.ratio == 1)
    #expect(result.slope.ratio == nil && result.peak == nil && result.detail == nil)
  }

  @Test func `added steps along the lines are measured exactly`() throws {
    // Without overlap, each line is the beginning of one tile and the end of another.
    let result = statistics(
      Self.surface { Float($0 + $1 + 5 * ($0 / 72) + 5 * ($1 / 72)) }, Self.lines(overlap: 0))
    #expect(result.height.on == 6 && result.height.off == 1 && result.height.ratio == 6)
    #expect(result.slope.on == 5 && result.slope.ratio == .infinity)
    #expect(result.edges.count == 8 * 8 + 7 * 9)
    #expect(result.edges.allSatisfy { $0.height.ratio == 6 && $0.edge == .both })
    #expect(result.heightError == 0 && result.slopeError == nil, "all edges agree exactly")
  }

  @Test(arguments: [2, 4, 8])
  func `periodic network artifacts are not attributed to the lines`(period: Int) throws {
    // Kinks in every column and row of the network's grid, which also contains the tile lines.
    let result = statistics(
      terrain { row, column in 3 * Float(fold(column, period) + fold(row, period)) })
    #expect(abs(try #require(result.height.ratio) - 1) < 0.03)
    #expect(abs(try #require(result.slope.ratio) - 1) < 0.03)
  }

  /// Returns the distance from the center of the period.
  private func fold(_ place: Int, _ period: Int) -> Int { abs(place % period - period / 2) }

  @Test func `standard errors match the random variation`() throws {
    // The same terrain with displaced tilings: deviations from 1 are due to chance.
    let distances = try (0..<6).map { displacement in
      let tiles = TileGrid(
        width: Self.width, height: Self.height, tileWidth: 96, tileHeight: 96, overlap: 24,
        margin: 2 * displacement)
      let scene = Grid(width: Self.width, height: Self.height)
      let result = statistics(Self.terrain, TileLines(tiles, on: scene, over: tiles.scene))
      let height: Double = try #require(result.height.ratio) - 1
      let slope: Double = try #require(result.slope.ratio) - 1
      let detail: Double = logRatio(try #require(result.detail))
      let broad: Double = try #require(result.broad.ratio) - 1
      let errors = try [
        result.heightError, result.slopeError, result.detailError, result.broadError,
      ]
      .map { try #require($0) }
      return zip([height, slope, detail, broad], errors).map { $0 / $1 }
    }
    for figure in 0..<4 {
      let squares = distances.map { $0[figure] * $0[figure] }.reduce(0, +) / 6
      #expect((0.1...4).contains(squares), "figure \(figure): \(squares), expected about 1")
    }
  }

  /// Returns log x for x near 1, with an error below 1e-4 for x within a fifth of 1.
  private func logRatio(_ x: Double) -> Double {
    let y = (x - 1) / (x + 1)
    return 2 * (y + y * y * y / 3)
  }

  @Test func `a kink without a step in height is a step in slope`() throws {
    // A roof over each tile, with bends of 2 at its edges and at its center, far from any line.
    let result = statistics(
      terrain { row, column in 40 * Float(abs(column % 72 - 36)) / 36 }, Self.lines(overlap: 0))
    let columns = result.edges.filter { $0.line.width == 0 }
    let slope = columns.reduce(0.0) { $0 + ($1.slope.ratio ?? 0) } / Double(columns.count)
    let height = columns.reduce(0.0) { $0 + ($1.height.ratio ?? 0) } / Double(columns.count)
    #expect(slope > 1.3 && height < 1.1, "slope \(slope), height \(height)")
  }

  @Test func `all ratios are 1 for terrain without seams`() throws {
    let result = statistics(Self.terrain)
    #expect(abs(try #require(result.height.ratio) - 1) < 0.03)
    #expect(abs(try #require(result.slope.ratio) - 1) < 0.03)
    #expect(abs(try #require(result.peak) - 1) < 0.2)
    #expect(abs(try #require(result.detail) - 1) < 0.1)
  }

  /// Rises from 0 to 1 over the overlap of each tile with the next: the share of the next tile in a pixel's weight.
  private func ramp(_ place: Int) -> (tile: Int, share: Float) {
    guard place >= 72, place % 72 < 24 else { return (place / 72, 1) }
    let x = (Float(place % 72) + 0.5) / 24
    return (place / 72, x * x * (3 - 2 * x))
  }

  /// Returns heights of tiles with different levels along one axis, blended over the overlaps.
  private func terrace(_ place: Int) -> Float {
    let (tile, share) = ramp(place)
    func level(_ tile: Int) -> Float { Float(tile * 5 % 7) * 10 }
    return tile == 0 ? level(0) : share * level(tile) + (1 - share) * level(tile - 1)
  }

  @Test
  func `height offsets between tiles are detected as rises over the overlaps, despite feathering`()
    throws
  {
    let result = statistics(terrain { row, column in terrace(row) + terrace(column) })
    #expect(try #require(result.broad.ratio) > 2)
    #expect(try #require(result.height.ratio) < 1.1)
    let flat = statistics(Self.surface { row, column in terrace(row) + terrace(column) })
    #expect(flat.broad.ratio == .infinity, "there are no rises inside the tiles")
    // Levels are 0, 50, 30, 10, 60, 40, 20, 0, 50: the mean rise between adjacent levels is 31.25, and there is
    // none inside tiles.
    let rises = flat.edges.filter { $0.line.width == 0 && $0.edge == .begins }
      .compactMap(\.broad.on)
    #expect(rises.count == 8 * 8 && abs(rises.reduce(0, +) / 64 - 31.25) < 1e-4)
  }

  @Test func `steps elsewhere are not attributed to the lines`() throws {
    // 36 pixels after the beginning of a tile and 12 pixels after the end of another.
    let result = statistics(terrain { _, column in Float((column + 36) / 72 * 50) })
    let terrain = statistics(Self.terrain)
    #expect(abs(try #require(result.height.ratio) - #require(terrain.height.ratio)) < 1e-5)
    #expect(abs(try #require(result.slope.ratio) - #require(terrain.slope.ratio)) < 1e-5)
  }

  @Test func `a pattern that repeats with the tiles is a spectral peak along its axis only`() throws
  {
    // A groove along every edge, with slopes of 0.8 on terrain whose slopes are about one.
    func grooves(every stride: Int) -> [Float] {
      terrain { _, column in 0.8 * Float(abs(column % stride - stride / 2)) }
    }
    let result = statistics(grooves(every: 72))
    #expect(try #require(result.columnPeaks)[0] > 2, "\(result.columnPeaks ?? [])")
    #expect(try #require(result.peak) > 1.25, "\(result.peak ?? 0)")
    #expect(try #require(result.rowPeaks).allSatisfy { $0 < 1.4 }, "\(result.rowPeaks ?? [])")
    #expect(try #require(statistics(grooves(every: 57)).peak) < 1.2)
  }

  @Test func `blurred overlaps reduce the detail ratio, and blurred tile centers increase it`()
    throws
  {
    let blurred = Self.surface { row, column in
      guard (2..<Self.height - 2).contains(row), (2..<Self.width - 2).contains(column) else {
        return Self.terrain[row * Self.width + column]
      }
      return (-2...2).reduce(0) { sum, y in
        sum + (-2...2).reduce(0) { $0 + Self.terrain[(row + y) * Self.width + column + $1] }
      } / 25
    }
    func detail(where isBlurred: (_ row: Int, _ column: Int) -> Bool) throws -> Double {
      let surface = Self.surface { row, column in
        (isBlurred(row % 72, column % 72) ? blurred : Self.terrain)[row * Self.width + column]
      }
      return try #require(statistics(surface).detail)
    }
    #expect(try detail { $0 < 24 || $1 < 24 } < 0.7)
    #expect(try detail { $0 >= 24 && $1 >= 24 } > 1.4)
    #expect(abs(try detail { _, _ in true } - 1) < 0.1)
  }

  @Test func `strips of any height give bit-identical results`() {
    let whole = statistics(Self.terrain, stripHeight: Self.height)
    let strips = statistics(Self.terrain, stripHeight: 7)
    #expect(whole.edges == strips.edges)
    #expect(whole.columnPeaks == strips.columnPeaks && whole.rowPeaks == strips.rowPeaks)
    #expect(whole.detail == strips.detail)
  }
}

@Suite struct SeamStatisticsEdgeTests {
  private func statistics(width: Int, height: Int, _ value: Float) -> SeamStatistics.Result {
    let tiles = TileGrid(width: width, height: height, tileWidth: 32, tileHeight: 32, overlap: 8)
    let lines = TileLines(tiles, on: Grid(width: width, height: height), over: tiles.scene)
    var statistics = SeamStatistics(lines, shading: nil)
    statistics.add(rows: Array(repeating: value, count: width * height))
    return statistics.finish()
  }

  @Test(arguments: [0, Float.nan])
  func `water and missing values have no ratios`(value: Float) {
    let result = statistics(width: 200, height: 150, value)
    #expect(result.height.ratio == nil && result.slope.ratio == nil)
    #expect(result.peak == nil && result.detail == nil)
    #expect(!result.edges.isEmpty)
  }

  @Test(arguments: [(1, 1), (1, 100), (100, 1), (3, 2), (20, 20)])
  func `rasters may be smaller than the neighborhoods that are examined`(
    size: (width: Int, height: Int)
  ) {
    let result = statistics(width: size.width, height: size.height, 1)
    #expect(result.height.ratio == nil && result.detail == nil)
  }

  @Test func `missing values are ignored`() {
    let tiles = TileGrid(width: 200, height: 150, tileWidth: 32, tileHeight: 32, overlap: 0)
    let lines = TileLines(tiles, on: Grid(width: 200, height: 150), over: tiles.scene)
    var statistics = SeamStatistics(lines, shading: nil)
    for row in 0..<150 {
      statistics.add(
        rows: (0..<200).map { ($0 / 7 + row / 5) % 2 == 0 && row < 70 ? .nan : Float($0 + row) })
    }
    #expect(statistics.finish().height.ratio == 1)
  }

  @Test func `a surface without a slope has no shading`() {
    let flat = [[Float]](repeating: Array(repeating: 3, count: 50), count: 3)
    #expect(Shading(samples: [flat]) == nil)
    #expect(Shading(samples: []) == nil)
  }
}
