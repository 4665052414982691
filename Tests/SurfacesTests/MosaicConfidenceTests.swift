import Grids
import Surfaces
import Testing

@Suite struct MosaicConfidenceTests {
  /// Two tiles side by side with a wide overlap.
  static let pair = TileGrid(width: 48, height: 32, tileWidth: 32, tileHeight: 32, overlap: 16)
  /// Many tiles, with margins.
  static let many = TileGrid(
    width: 90, height: 75, tileWidth: 32, tileHeight: 32, overlap: 12, margin: 4)

  private struct Tile {
    var values: [Float]
    var spread: [Float]?
    var isFlat = false
  }

  private func constant(_ value: Float, on tiles: TileGrid) -> [Float] {
    Array(repeating: value, count: tiles.tileWidth * tiles.tileHeight)
  }

  private func confidence(
    _ tiles: TileGrid, hasSpreads: Bool = false, over window: Window? = nil,
    scale: Float = 1, _ tile: (TileIndex) -> Tile?
  ) -> MosaicConfidence {
    var result = MosaicConfidence(
      over: window ?? tiles.scene, feather: Feather(tiles), hasSpreads: hasSpreads)
    for index in tiles.tiles(overlapping: window ?? tiles.scene) {
      guard let tile = tile(index) else { continue }
      result.add(
        tile.values, spread: tile.spread, isFlat: tile.isFlat, of: index, scale: scale)
    }
    return result
  }

  @Test(arguments: [(Float(2), Float(5)), (8000, 8000.5), (8848, 8848), (-3, 4000)])
  func `the disagreement of two tiles is |a − b| √(w (1 − w)) at any height`(
    a: Float, b: Float
  ) {
    let tiles = Self.pair
    let result = confidence(tiles) {
      Tile(values: constant($0.column == 0 ? a : b, on: tiles))
    }
    // Uses the rise of the second tile, because 1 − w in Float32 would lose its last digits where w is nearly 1.
    let rise = Feather(tiles).columnProfile(of: TileIndex(row: 0, column: 1))
    let disagreement = result.disagreement
    for row in 0..<tiles.height {
      for column in 0..<tiles.width {
        let found = disagreement[row * tiles.width + column]
        guard (16..<32).contains(column) else {
          #expect(found.isNaN, "a single tile has no disagreement")
          continue
        }
        let w = 1 - Double(rise[column - 16])
        let expected = Double(abs(a - b)) * (w * (1 - w)).squareRoot()
        #expect(abs(Double(found) - expected) <= 2e-6 * expected, "column \(column)")
      }
    }
  }

  /// Returns values that differ between tiles, some of them missing.
  private func texture(_ tile: TileIndex) -> [Float] {
    (0..<32 * 32).map { pixel in
      let number = pixel * 7919 + tile.row * 104_729 + tile.column * 1_299_709
      return number % 13 == 0 ? .nan : 8000 + Float(number % 101) / 25
    }
  }

  /// Computes the statistics of one pixel from their definition, in two passes.
  private func naive(
    row: Int, column: Int, leavingOut missing: TileIndex?
  ) -> (count: Int, deviation: Double) {
    let tiles = Self.many
    let feather = Feather(tiles)
    var samples: [(weight: Double, value: Double)] = []
    for tileRow in 0..<tiles.rows {
      for tileColumn in 0..<tiles.columns {
        let tile = TileIndex(row: tileRow, column: tileColumn)
        let window = tiles.window(of: tile)
        guard window.contains(Window(column: column, row: row, width: 1, height: 1)),
          tile != missing
        else { continue }
        let (y, x) = (row - window.row, column - window.column)
        let value = texture(tile)[y * window.width + x]
        guard !value.isNaN else { continue }
        let weight = feather.rowProfile(of: tile)[y] * feather.columnProfile(of: tile)[x]
        samples.append((Double(weight), Double(value)))
      }
    }
    let total = samples.reduce(0) { $0 + $1.weight }
    let blend = samples.reduce(0) { $0 + $1.weight * $1.value } / total
    let variance = samples.reduce(0) { $0 + $1.weight * ($1.value - blend) * ($1.value - blend) }
    return (samples.count, (variance / total).squareRoot())
  }

  @Test(arguments: [nil, TileIndex(row: 1, column: 1)])
  func `counts and deviations equal those computed pixel by pixel`(missing: TileIndex?) {
    let tiles = Self.many
    let result = confidence(tiles) { $0 == missing ? nil : Tile(values: texture($0)) }
    let disagreement = result.disagreement
    var counts: Set<Int> = []
    for pixel in stride(from: 0, to: tiles.scene.pixelCount, by: 7) {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: tiles.width)
      let (count, deviation) = naive(row: row, column: column, leavingOut: missing)
      counts.insert(count)
      #expect(Int(result.tileCounts[pixel]) == count, "row \(row), column \(column)")
      guard count > 1 else {
        #expect(disagreement[pixel].isNaN)
        continue
      }
      #expect(abs(Double(disagreement[pixel]) - deviation) <= 1e-5 * deviation + 1e-9)
    }
    #expect(counts.isSuperset(of: [0, 1, 2, 3, 4]))
  }

  @Test func `strips of any height are bit-identical to the whole`() {
    let tiles = Self.many
    let whole = confidence(tiles) { Tile(values: texture($0)) }.disagreement
    var strips: [Float] = []
    for row in stride(from: 0, to: tiles.height, by: 7) {
      let strip = Window(column: 0, row: row, width: tiles.width, height: 7)
        .intersection(tiles.scene)
      strips += confidence(tiles, over: strip) { Tile(values: texture($0)) }.disagreement
    }
    #expect(strips.map(\.bitPattern) == whole.map(\.bitPattern))
  }

  @Test func `a pixel is flat where flat tiles have most of the weight`() {
    let tiles = Self.pair
    let result = confidence(tiles) {
      Tile(values: constant(1, on: tiles), isFlat: $0.column == 1)
    }
    // Both tiles have the same weight at the center of the overlap, between columns 23 and 24.
    #expect(result.isFlat.indices.allSatisfy { result.isFlat[$0] == ($0 % 48 >= 24) })
  }

  @Test(arguments: [Float(3), -3])
  func `spreads are blended like heights, after calibration`(scale: Float) throws {
    let tiles = Self.pair
    let result = confidence(tiles, hasSpreads: true, scale: scale) {
      Tile(values: constant(7, on: tiles), spread: constant(Float($0.column + 1), on: tiles))
    }
    let weights = Feather(tiles).columnProfile(of: TileIndex(row: 0, column: 0))
    let spread = try #require(result.spread)
    for column in 0..<48 {
      let expected: Float = column < 16 ? 3 : column < 32 ? 3 * (2 - weights[column]) : 6
      #expect(abs(spread[column] - expected) < 1e-5)
    }
    #expect(confidence(tiles) { _ in nil }.spread == nil)
  }
}
