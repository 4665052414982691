import Foundation
import Grids
import Testing

/// Decoding throws for values for which the initializers would trap.
@Suite struct DecodingTests {
  /// Encodes a value, replaces one number in its JSON, and decodes it.
  private func decoded<Value: Codable>(
    _ value: Value, _ key: String, _ number: Int
  ) throws -> Value {
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any])
    #expect(object[key] != nil)
    object[key] = number
    return try JSONDecoder().decode(
      Value.self, from: JSONSerialization.data(withJSONObject: object))
  }

  @Test func `values survive encoding and decoding`() throws {
    let window = Window(column: -3, row: 4, width: 0, height: 7)
    #expect(try decoded(window, "column", -3) == window)
    let grid = Grid(width: 5, height: 6, geoTransform: GeoTransform([1, 2, 0, 3, 0, -2]))
    #expect(try decoded(grid, "width", 5) == grid)
    for grid in TileGridTests.grids { #expect(try decoded(grid, "width", grid.width) == grid) }
  }

  @Test(arguments: [
    ("width", -1), ("height", -1), ("width", Int.max), ("row", Int.max),
  ])
  func `windows of invalid size are refused`(key: String, number: Int) {
    let window = Window(column: 3, row: 4, width: 5, height: 7)
    #expect(throws: DecodingError.self) { try decoded(window, key, number) }
  }

  @Test(arguments: ["width", "height"], [0, -1, Int.min])
  func `grids without pixels are refused`(key: String, number: Int) {
    #expect(throws: DecodingError.self) { try decoded(Grid(width: 5, height: 7), key, number) }
  }

  @Test(arguments: [
    ("width", 0), ("height", Int.max), ("tileWidth", 0), ("tileHeight", 5), ("tileWidth", Int.max),
    ("overlap", -1), ("overlap", 9), ("columnMargin", -1), ("rowMargin", 9), ("rowMargin", Int.max),
  ])
  func `invalid tile grids are refused`(key: String, number: Int) {
    let grid = TileGrid(width: 90, height: 17, tileWidth: 20, tileHeight: 16, overlap: 8, margin: 3)
    #expect(throws: DecodingError.self) { try decoded(grid, key, number) }
  }

  @Test(arguments: TileGridTests.grids)
  func `the tiles that overlap a window are those of its tile rows and columns`(grid: TileGrid) {
    let window = Window(column: grid.width / 3, row: grid.height / 2, width: 9, height: 5)
    let (rows, columns) = grid.indices(overlapping: window)
    let tiles = grid.tiles(overlapping: window)
    #expect(tiles.count == rows.count * columns.count)
    #expect(tiles.allSatisfy { rows.contains($0.row) && columns.contains($0.column) })
    let outside = grid.indices(overlapping: Window(column: -9, row: -9, width: 3, height: 3))
    #expect(outside.rows.isEmpty && outside.columns.isEmpty)
  }
}
