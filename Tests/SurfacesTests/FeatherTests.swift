import Grids
import Surfaces
import Testing

@Suite struct FeatherTests {
  static let grids = [
    TileGrid(width: 100, height: 70, tileWidth: 32, tileHeight: 32, overlap: 8),
    TileGrid(width: 61, height: 200, tileWidth: 32, tileHeight: 64, overlap: 16),
    TileGrid(width: 33, height: 31, tileWidth: 32, tileHeight: 32, overlap: 1),
    TileGrid(width: 40, height: 40, tileWidth: 16, tileHeight: 16, overlap: 0),
    TileGrid(width: 100, height: 70, tileWidth: 32, tileHeight: 32, overlap: 8, margin: 4),
    TileGrid(width: 5, height: 3, tileWidth: 32, tileHeight: 32, overlap: 8),
  ]

  private func weightSums(_ grid: TileGrid) -> [Float] {
    let feather = Feather(grid)
    var sums = [Float](repeating: 0, count: grid.width * grid.height)
    for tile in grid.tiles(overlapping: grid.scene) {
      let (columns, rows) = (feather.columnProfile(of: tile), feather.rowProfile(of: tile))
      let window = grid.window(of: tile)
      for row in window.intersection(grid.scene).rows {
        for column in window.intersection(grid.scene).columns {
          let weight = rows[row - window.row] * columns[column - window.column]
          #expect(weight > 0, "every pixel of a tile has a positive weight")
          sums[row * grid.width + column] += weight
        }
      }
    }
    return sums
  }

  @Test(arguments: grids)
  func `the weights at every pixel sum to one, including the border`(grid: TileGrid) {
    for sum in weightSums(grid) { #expect(abs(sum - 1) <= 4 * Float.ulpOfOne) }
  }

  @Test func `a tile without neighbors has weight one everywhere`() {
    let grid = TileGrid(width: 30, height: 30, tileWidth: 32, tileHeight: 32, overlap: 8)
    let feather = Feather(grid)
    #expect(feather.columnProfile(of: TileIndex(row: 0, column: 0)).allSatisfy { $0 == 1 })
  }

  @Test func `the profile is monotonic and symmetric`() {
    let grid = TileGrid(width: 300, height: 30, tileWidth: 128, tileHeight: 64, overlap: 32)
    let profile = Feather(grid).columnProfile(of: TileIndex(row: 0, column: 1))
    let rise = profile[..<32]
    #expect(zip(rise, rise.dropFirst()).allSatisfy { $0 < $1 })
    for k in 0..<32 { #expect(abs(profile[k] - profile[127 - k]) < 1e-6) }
  }
}
