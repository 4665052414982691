import Grids
import Testing

@Suite struct TileLinesTests {
  static let tiles = TileGrid(
    width: 300, height: 200, tileWidth: 96, tileHeight: 64, overlap: 16, margin: 8)
  static let scene = Grid(width: 300, height: 200)

  @Test func `lines are where tiles start or end inside the scene`() {
    let lines = TileLines(Self.tiles, on: Self.scene, over: Self.scene.window)
    let windows = Self.tiles.tiles(overlapping: Self.tiles.scene).map(Self.tiles.window)
    // The last tiles end outside the scene, so the border of the scene is not a line.
    let columns = Set(windows.flatMap { [$0.columns.lowerBound, $0.columns.upperBound] })
    let rows = Set(windows.flatMap { [$0.rows.lowerBound, $0.rows.upperBound] })
    #expect(lines.columns.lines.map(\.position) == columns.filter { 0 < $0 && $0 < 300 }.sorted())
    #expect(lines.rows.lines.map(\.position) == rows.filter { 0 < $0 && $0 < 200 }.sorted())
    for line in lines.columns.lines {
      let window = Self.tiles.window(of: TileIndex(row: 0, column: line.tile)).columns
      #expect(line.position == (line.edge == .begins ? window.lowerBound : window.upperBound))
    }
    #expect(lines.columns.overlaps.allSatisfy { $0.count == 16 })
  }

  @Test func `lines of a reoriented raster are the reoriented lines of the raster`() {
    let area = Window(column: 13, row: 21, width: 260, height: 150)
    let plain = TileLines(Self.tiles, on: Self.scene, over: area)
    let lines = plain.columns.lines.reversed()
    let reoriented = TileLines(
      Self.tiles, on: Self.scene, over: area, reversesRows: true, reversesColumns: false,
      swapsAxes: true)
    // The raster's rows, reversed, are the tiles' columns; its columns are the tiles' rows.
    #expect(reoriented.columns == plain.rows)
    #expect(reoriented.rows.extent == 260)
    #expect(reoriented.rows.lines.map(\.position) == lines.map { 260 - $0.position })
    #expect(
      reoriented.rows.lines.map(\.edge) == lines.map { $0.edge == .begins ? .ends : .begins })
    // Tiles are numbered from the top of the raster.
    #expect(reoriented.rows.lines.map(\.tile) == lines.map { Self.tiles.columns - 1 - $0.tile })
    #expect(reoriented.rows.spans.flatMap { Array($0.pixels) } == Array(0..<260))
    #expect(reoriented.rows.overlaps.count == plain.columns.overlaps.count)
    #expect(reoriented.rows.overlaps.allSatisfy { $0.count == 16 })
  }

  @Test func `spans cover every pixel once`() {
    for area in [Self.scene.window, Window(column: 130, row: 40, width: 77, height: 160)] {
      let lines = TileLines(Self.tiles, on: Self.scene, over: area)
      #expect(lines.columns.spans.flatMap { Array($0.pixels) } == Array(0..<area.width))
      #expect(lines.rows.spans.flatMap { Array($0.pixels) } == Array(0..<area.height))
    }
  }

  @Test func `a part of the scene has the lines of the scene that it contains`() {
    let area = Window(column: 130, row: 40, width: 100, height: 120)
    let whole = TileLines(Self.tiles, on: Self.scene, over: Self.scene.window)
    let part = TileLines(Self.tiles, on: Self.scene, over: area)
    let expected = whole.columns.lines.filter { (131..<230).contains($0.position) }
    #expect(!expected.isEmpty)
    #expect(part.columns.lines.map { $0.position + 130 } == expected.map(\.position))
    #expect(part.columns.lines.map(\.tile) == expected.map(\.tile))
  }

  @Test(arguments: [0.5, 0.7, 1.5, 3])
  func `lines of another lattice are at the nearest pixel boundary`(scale: Double) {
    let scene = Grid(width: Int(300 * scale), height: Int(200 * scale))
    let fine = TileLines(Self.tiles, on: scene, over: scene.window).columns
    let own = TileLines(Self.tiles, on: Self.scene, over: Self.scene.window).columns
    #expect(fine.lines.count == own.lines.count)
    for (line, expected) in zip(fine.lines, own.lines) {
      #expect(abs(Double(line.position) - Double(expected.position) * scale) <= 0.5)
    }
    #expect(fine.stride == 80 * scale)
  }

  @Test func `tiles that overlap by half start where other tiles end`() {
    let half = TileGrid(width: 200, height: 90, tileWidth: 40, tileHeight: 40, overlap: 20)
    let lines = TileLines(half, on: Grid(width: 200, height: 90), over: half.scene)
    #expect(lines.columns.lines.map(\.position) == Array(stride(from: 20, to: 200, by: 20)))
    #expect(lines.columns.lines[3].edge == .both && lines.columns.lines[3].tile == 4)
  }

  @Test func `a single tile has no lines`() {
    let one = TileGrid(width: 30, height: 20, tileWidth: 32, tileHeight: 32, overlap: 8, margin: 4)
    let lines = TileLines(one, on: Grid(width: 30, height: 20), over: one.scene)
    #expect(lines.columns.lines.isEmpty && lines.rows.lines.isEmpty)
    #expect(lines.columns.spans.map(\.pixels) == [0..<30])
  }
}
