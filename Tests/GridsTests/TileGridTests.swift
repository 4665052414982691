import Grids
import Testing

@Suite struct TileGridTests {
  static let grids = [
    TileGrid(width: 1, height: 1, tileWidth: 32, tileHeight: 32, overlap: 8),
    TileGrid(width: 512, height: 513, tileWidth: 512, tileHeight: 512, overlap: 128),
    TileGrid(width: 1128, height: 1428, tileWidth: 512, tileHeight: 512, overlap: 128),
    TileGrid(width: 100, height: 37, tileWidth: 20, tileHeight: 16, overlap: 8),
    TileGrid(width: 1128, height: 500, tileWidth: 512, tileHeight: 512, overlap: 128, margin: 64),
    TileGrid(width: 90, height: 17, tileWidth: 20, tileHeight: 16, overlap: 8, margin: 3),
    TileGrid(width: 61, height: 64, tileWidth: 16, tileHeight: 16, overlap: 0),
  ]

  @Test(arguments: grids)
  func `every pixel is in at least one and at most four tiles`(grid: TileGrid) {
    var counts = [Int](repeating: 0, count: grid.width * grid.height)
    for tile in grid.tiles(overlapping: grid.scene) {
      let window = grid.window(of: tile).intersection(grid.scene)
      for row in window.rows {
        for column in window.columns { counts[row * grid.width + column] += 1 }
      }
    }
    #expect(counts.allSatisfy { (1...4).contains($0) })
  }

  @Test(arguments: grids)
  func `the last row and column of tiles are necessary`(grid: TileGrid) {
    let last = TileIndex(row: grid.rows - 1, column: grid.columns - 1)
    let before = grid.window(
      of: TileIndex(row: max(0, last.row - 1), column: max(0, last.column - 1)))
    #expect(grid.columns == 1 || before.columns.upperBound < grid.width)
    #expect(grid.rows == 1 || before.rows.upperBound < grid.height)
  }

  @Test(arguments: grids)
  func `the tiles of a window are those that overlap it`(grid: TileGrid) {
    let all = grid.tiles(overlapping: grid.scene)
    #expect(all.count == grid.count)
    #expect(all == all.sorted())
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let window = Window(
        column: .random(in: -9..<grid.width, using: &generator),
        row: .random(in: -9..<grid.height, using: &generator),
        width: .random(in: 0..<60, using: &generator),
        height: .random(in: 0..<60, using: &generator))
      let inside = window.intersection(grid.scene)
      #expect(
        grid.tiles(overlapping: window) == all.filter { grid.window(of: $0).overlaps(inside) },
        "\(window)")
    }
  }

  @Test(arguments: grids)
  func `if the scene needs several tiles, each pixel has the margin as context in at least one`(
    grid: TileGrid
  ) {
    let windows = grid.tiles(overlapping: grid.scene).map(grid.window)
    for column in [0, grid.width / 2, grid.width - 1] where grid.columns > 1 {
      #expect(
        windows.contains {
          $0.columns.lowerBound <= column - grid.columnMargin
            && column + grid.columnMargin < $0.columns.upperBound
        })
    }
  }

  @Test func `a scene that fits in one tile is centered in a single tile`() {
    let grid = TileGrid(
      width: 500, height: 512, tileWidth: 512, tileHeight: 512, overlap: 128, margin: 64)
    #expect(grid.count == 1 && grid.columnMargin == 6 && grid.rowMargin == 0)
  }

  @Test func `the window of a tile does not depend on the scene's size`() {
    let tile = TileIndex(row: 1, column: 2)
    let windows = Set(
      [900, 1000, 5000].map {
        TileGrid(width: $0, height: $0, tileWidth: 512, tileHeight: 512, overlap: 128)
          .window(of: tile)
      })
    #expect(windows.count == 1)
  }

  @Test func `an overlap of more than half a tile traps`() async {
    await #expect(processExitsWith: .failure) {
      _ = TileGrid(width: 9, height: 9, tileWidth: 8, tileHeight: 8, overlap: 5)
    }
  }
}
