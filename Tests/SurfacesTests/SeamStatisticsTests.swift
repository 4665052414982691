import Grids
import Learning
import Surfaces
import Testing

@Suite struct SeamStatisticsTests {
  /// Nine tiles side by side and eight above one another, a stride of 72.
  static let lines = lines(overlap: 24)
  static let (width, height) = (648, 576)

  /// Land without seams: noise of all wavelengths from 160 pixels to 2.5.
  static let land = surface { row, column in
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

  private func land(plus change: (Int, Int) -> Float) -> [Float] {
    zip(Self.land, Self.surface(change)).map { $0 + $1 }
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

  @Test func `a plane has steps of one height, and nothing else`() {
    let seen = statistics(Self.surface { Float(2 * $0 + 3 * $1) })
    #expect(seen.height.ratio == 1 && seen.broad.ratio == 1)
    #expect(seen.slope.ratio == nil && seen.peak == nil && seen.detail == nil)
  }

  @Test func `steps planted along the lines are found at their height`() throws {
    // Without overlap each line begins one tile and ends another.
    let seen = statistics(
      Self.surface { Float($0 + $1 + 5 * ($0 / 72) + 5 * ($1 / 72)) }, Self.lines(overlap: 0))
    #expect(seen.height.on == 6 && seen.height.off == 1 && seen.height.ratio == 6)
    #expect(seen.slope.on == 5 && seen.slope.ratio == .infinity)
    #expect(seen.edges.count == 8 * 8 + 7 * 9)
    #expect(seen.edges.allSatisfy { $0.height.ratio == 6 && $0.edge == .both })
    #expect(seen.heightError == 0 && seen.slopeError == nil, "all edges agree, to the last bit")
  }

  @Test(arguments: [2, 4, 8])
  func `what a network draws each so many pixels is not blamed on the lines`(period: Int) throws {
    // Kinks in every column and row of the network's grid, on which tile lines lie too.
    let seen = statistics(
      land { row, column in 3 * Float(fold(column, period) + fold(row, period)) })
    #expect(abs(try #require(seen.height.ratio) - 1) < 0.03)
    #expect(abs(try #require(seen.slope.ratio) - 1) < 0.03)
  }

  /// How far from the middle of its period.
  private func fold(_ place: Int, _ period: Int) -> Int { abs(place % period - period / 2) }

  @Test func `errors tell how far chance reaches`() throws {
    // The same land under tilings that are moved against it: what is then left of 1 is chance.
    let distances = try (0..<6).map { move in
      let tiles = TileGrid(
        width: Self.width, height: Self.height, tileWidth: 96, tileHeight: 96, overlap: 24,
        margin: 2 * move)
      let scene = Grid(width: Self.width, height: Self.height)
      let seen = statistics(Self.land, TileLines(tiles, on: scene, over: tiles.scene))
      let height: Double = try #require(seen.height.ratio) - 1
      let slope: Double = try #require(seen.slope.ratio) - 1
      let detail: Double = logRatio(try #require(seen.detail))
      let broad: Double = try #require(seen.broad.ratio) - 1
      let errors = try [seen.heightError, seen.slopeError, seen.detailError, seen.broadError]
        .map { try #require($0) }
      return zip([height, slope, detail, broad], errors).map { $0 / $1 }
    }
    for figure in 0..<4 {
      let squares = distances.map { $0[figure] * $0[figure] }.reduce(0, +) / 6
      #expect((0.1...4).contains(squares), "figure \(figure): \(squares), expected about 1")
    }
  }

  /// log x for x near 1, to 1e-4 within a fifth of it.
  private func logRatio(_ x: Double) -> Double {
    let y = (x - 1) / (x + 1)
    return 2 * (y + y * y * y / 3)
  }

  @Test func `a kink without a step is a step in slope`() throws {
    // A roof over each tile: bends of 2 at its edges, and of 2 in its middle, far from any line.
    let seen = statistics(
      land { row, column in 40 * Float(abs(column % 72 - 36)) / 36 }, Self.lines(overlap: 0))
    let columns = seen.edges.filter { $0.line.width == 0 }
    let slope = columns.reduce(0.0) { $0 + ($1.slope.ratio ?? 0) } / Double(columns.count)
    let height = columns.reduce(0.0) { $0 + ($1.height.ratio ?? 0) } / Double(columns.count)
    #expect(slope > 1.3 && height < 1.1, "slope \(slope), height \(height)")
  }

  @Test func `land without seams reads 1`() throws {
    let seen = statistics(Self.land)
    #expect(abs(try #require(seen.height.ratio) - 1) < 0.03)
    #expect(abs(try #require(seen.slope.ratio) - 1) < 0.03)
    #expect(abs(try #require(seen.peak) - 1) < 0.2)
    #expect(abs(try #require(seen.detail) - 1) < 0.1)
  }

  /// From 0 to 1 over the overlap of each tile with the next: how much of a pixel's weight is the next one's.
  private func ramp(_ place: Int) -> (tile: Int, share: Float) {
    guard place >= 72, place % 72 < 24 else { return (place / 72, 1) }
    let x = (Float(place % 72) + 0.5) / 24
    return (place / 72, x * x * (3 - 2 * x))
  }

  /// Heights that tiles stand at: each its own along one axis, blended over the overlaps.
  private func terrace(_ place: Int) -> Float {
    let (tile, share) = ramp(place)
    func level(_ tile: Int) -> Float { Float(tile * 5 % 7) * 10 }
    return tile == 0 ? level(0) : share * level(tile) + (1 - share) * level(tile - 1)
  }

  @Test func `tiles at heights of their own rise over the overlaps, whatever the feather hides`()
    throws
  {
    let seen = statistics(land { row, column in terrace(row) + terrace(column) })
    #expect(try #require(seen.broad.ratio) > 2)
    #expect(try #require(seen.height.ratio) < 1.1)
    let flat = statistics(Self.surface { row, column in terrace(row) + terrace(column) })
    #expect(flat.broad.ratio == .infinity, "inside the tiles nothing rises")
    // Levels 0, 50, 30, 10, 60, 40, 20, 0, 50: the mean rise from one to the next is 31.25; nothing of it inside.
    let rises = flat.edges.filter { $0.line.width == 0 && $0.edge == .begins }
      .compactMap(\.broad.on)
    #expect(rises.count == 8 * 8 && abs(rises.reduce(0, +) / 64 - 31.25) < 1e-4)
  }

  @Test func `steps elsewhere are not blamed on the lines`() throws {
    // 36 pixels after a tile's beginning, 12 after another's end.
    let seen = statistics(land { _, column in Float((column + 36) / 72 * 50) })
    let land = statistics(Self.land)
    #expect(abs(try #require(seen.height.ratio) - #require(land.height.ratio)) < 1e-5)
    #expect(abs(try #require(seen.slope.ratio) - #require(land.slope.ratio)) < 1e-5)
  }

  @Test func `what repeats with the tiles is a peak, along its axis alone`() throws {
    // A gutter along every edge: slopes of 0.8, on land whose slopes are about one.
    func gutters(every stride: Int) -> [Float] {
      land { _, column in 0.8 * Float(abs(column % stride - stride / 2)) }
    }
    let seen = statistics(gutters(every: 72))
    #expect(try #require(seen.columnPeaks)[0] > 2, "\(seen.columnPeaks ?? [])")
    #expect(try #require(seen.peak) > 1.25, "\(seen.peak ?? 0)")
    #expect(try #require(seen.rowPeaks).allSatisfy { $0 < 1.4 }, "\(seen.rowPeaks ?? [])")
    #expect(try #require(statistics(gutters(every: 57)).peak) < 1.2)
  }

  @Test func `blurred overlaps have less detail, blurred middles less beside them`() throws {
    let blurred = Self.surface { row, column in
      guard (2..<Self.height - 2).contains(row), (2..<Self.width - 2).contains(column) else {
        return Self.land[row * Self.width + column]
      }
      return (-2...2).reduce(0) { sum, y in
        sum + (-2...2).reduce(0) { $0 + Self.land[(row + y) * Self.width + column + $1] }
      } / 25
    }
    func detail(where isBlurred: (_ row: Int, _ column: Int) -> Bool) throws -> Double {
      let surface = Self.surface { row, column in
        (isBlurred(row % 72, column % 72) ? blurred : Self.land)[row * Self.width + column]
      }
      return try #require(statistics(surface).detail)
    }
    #expect(try detail { $0 < 24 || $1 < 24 } < 0.7)
    #expect(try detail { $0 >= 24 && $1 >= 24 } > 1.4)
    #expect(abs(try detail { _, _ in true } - 1) < 0.1)
  }

  @Test func `strips of any height agree bit for bit`() {
    let whole = statistics(Self.land, stripHeight: Self.height)
    let strips = statistics(Self.land, stripHeight: 7)
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
  func `nothing is seen on water, nor where there are no values`(value: Float) {
    let seen = statistics(width: 200, height: 150, value)
    #expect(seen.height.ratio == nil && seen.slope.ratio == nil)
    #expect(seen.peak == nil && seen.detail == nil)
    #expect(!seen.edges.isEmpty)
  }

  @Test(arguments: [(1, 1), (1, 100), (100, 1), (3, 2), (20, 20)])
  func `rasters may be smaller than what is looked at`(size: (width: Int, height: Int)) {
    let seen = statistics(width: size.width, height: size.height, 1)
    #expect(seen.height.ratio == nil && seen.detail == nil)
  }

  @Test func `values that are missing are left out`() {
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
