import Grids
import Surfaces
import Testing

@Suite struct MosaicTests {
  static let tiles = TileGrid(
    width: 90, height: 75, tileWidth: 32, tileHeight: 32, overlap: 12, margin: 4)

  /// Returns the values of a tile for a surface that is also defined outside the scene.
  private func view(_ tile: TileIndex, of surface: (Int, Int) -> Float) -> [Float] {
    let window = Self.tiles.window(of: tile)
    return window.rows.flatMap { row in window.columns.map { surface(row, $0) } }
  }

  private func mosaic(
    over window: Window, leavingOut missing: Set<TileIndex> = [], of surface: (Int, Int) -> Float
  ) -> [Float] {
    var mosaic = Mosaic(over: window, feather: Feather(Self.tiles))
    for tile in Self.tiles.tiles(overlapping: window) where !missing.contains(tile) {
      mosaic.add(view(tile, of: surface), of: tile)
    }
    return mosaic.finish()
  }

  @Test func `tiles cut from one surface reproduce it`() {
    let surface = { (row: Int, column: Int) in Float(3 * row - 2 * column) }
    let scene = Self.tiles.scene
    let result = mosaic(over: scene, of: surface)
    for row in scene.rows {
      for column in scene.columns {
        #expect(abs(result[row * scene.width + column] - surface(row, column)) < 1e-3)
      }
    }
  }

  @Test(arguments: [1, 7, 40])
  func `strips of any height are bit-identical to the whole`(height: Int) {
    let surface = { (row: Int, column: Int) in Float((row * 131 + column * 37) % 97) / 7 }
    let scene = Self.tiles.scene
    var strips: [Float] = []
    for row in stride(from: 0, to: scene.height, by: height) {
      let window = Window(column: 0, row: row, width: scene.width, height: height)
      strips += mosaic(over: window.intersection(scene), of: surface)
    }
    #expect(strips == mosaic(over: scene, of: surface))
  }

  @Test func `a missing tile leaves a hole only where no other tile has values`() {
    let hole = TileIndex(row: 1, column: 1)
    let scene = Self.tiles.scene
    let result = mosaic(over: scene, leavingOut: [hole]) { _, _ in 5 }
    // Tile 1 begins at 20 − 4; its neighbors cover its outer 12 pixels.
    let core = Window(column: 28, row: 28, width: 8, height: 8)
    for row in scene.rows {
      for column in scene.columns {
        let value = result[row * scene.width + column]
        let isHole = core.contains(Window(column: column, row: row, width: 1, height: 1))
        #expect(isHole ? value.isNaN : abs(value - 5) < 1e-5, "row \(row), column \(column)")
      }
    }
  }

  @Test func `scale and offset are applied to the values of a tile`() {
    let window = Window(column: 0, row: 0, width: 8, height: 8)
    var mosaic = Mosaic(over: window, feather: Feather(Self.tiles))
    let first = TileIndex(row: 0, column: 0)
    mosaic.add(view(first) { row, _ in Float(row) }, of: first, scale: 2, shift: 3)
    // Row 7 of the scene is row 11 of the tile.
    #expect(mosaic.finish()[8 * 7] == 2 * 7 + 3)
  }
}
