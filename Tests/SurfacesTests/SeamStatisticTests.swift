import Grids
import Surfaces
import Testing

@Suite struct SeamStatisticTests {
  static let tiles = TileGrid(width: 80, height: 60, tileWidth: 32, tileHeight: 32, overlap: 8)

  private func ratio(_ surface: (Int, Int) -> Float, stripHeight: Int = 60) -> Double? {
    var statistic = SeamStatistic(Self.tiles, over: Self.tiles.scene)
    let rows = (0..<60).map { row in (0..<80).map { surface(row, $0) } }
    for start in stride(from: 0, to: 60, by: stripHeight) {
      statistic.add(rows: rows[start..<min(60, start + stripHeight)].flatMap { $0 })
    }
    return statistic.ratio
  }

  @Test func `a plane shows no tile lines`() throws {
    #expect(abs(try #require(ratio { Float($0) + Float($1) }) - 1) < 1e-6)
  }

  @Test func `a step at a tile's edge shows`() throws {
    // Tile 1 begins at column 24.
    let seam = try #require(ratio { Float($0) + Float($1) + ($1 >= 24 ? 100 : 0) })
    #expect(seam > 5)
    let elsewhere = try #require(ratio { Float($0) + Float($1) + ($1 >= 15 ? 100 : 0) })
    #expect(elsewhere < 1)
  }

  @Test func `strips of any height agree`() {
    let surface = { (row: Int, column: Int) in Float((row * 31 + column * 17) % 23) }
    #expect(ratio(surface) == ratio(surface, stripHeight: 7))
  }

  @Test func `a flat surface has no ratio`() { #expect(ratio { _, _ in 1 } == nil) }
}
