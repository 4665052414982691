import Grids
import Testing

@Suite struct GridTests {
  static let utm = GeoTransform([300_000, 30, 0, 4_200_000, 0, -30])
  static let rotated = GeoTransform([1_000, 3, 4, 2_000, 4, -3])
  static let southUp = GeoTransform([-10, 0.25, 0, 5, 0, 0.25])

  @Test(arguments: [utm, rotated, southUp])
  func `pixel is the inverse of map`(transform: GeoTransform) throws {
    for (column, row) in [(0.0, 0.0), (0.5, 0.5), (-3, 17.25), (1e5, 2e5)] {
      let (x, y) = transform.map(column: column, row: row)
      let pixel = try #require(transform.pixel(x: x, y: y))
      #expect(abs(pixel.column - column) < 1e-6 && abs(pixel.row - row) < 1e-6)
    }
  }

  @Test func `a singular transform has no inverse`() {
    #expect(GeoTransform([0, 1, 1, 0, 1, 1]).pixel(x: 0, y: 0) == nil)
  }

  @Test(arguments: [utm, rotated, southUp])
  func `cropping preserves the position of each pixel`(transform: GeoTransform) {
    let grid = Grid(width: 50, height: 40, geoTransform: transform)
    let crop = grid.cropped(to: Window(column: 7, row: 11, width: 5, height: 6))
    #expect((crop.width, crop.height) == (5, 6))
    #expect(crop.geoTransform!.map(column: 2, row: 3) == transform.map(column: 9, row: 14))
    #expect(grid.cropped(to: grid.window) == grid)
  }

  @Test(arguments: [utm, rotated, southUp])
  func `resampling preserves the covered area`(transform: GeoTransform) {
    let grid = Grid(width: 90, height: 40, geoTransform: transform)
    let coarse = grid.resampled(width: 30, height: 20)
    #expect(
      coarse.geoTransform!.map(column: 30, row: 20) == transform.map(column: 90, row: 40))
  }

  @Test(arguments: [utm, southUp])
  func `the bounds of a window are covered by the same window`(transform: GeoTransform) {
    let grid = Grid(width: 50, height: 40, geoTransform: transform)
    let window = Window(column: 3, row: 4, width: 20, height: 10)
    let (x0, y0) = transform.map(column: 3, row: 4)
    let (x1, y1) = transform.map(column: 23, row: 14)
    #expect(
      grid.window(coveringX: min(x0, x1)...max(x0, x1), y: min(y0, y1)...max(y0, y1)) == window)
  }

  @Test func `a rectangle within a pixel is covered by that pixel`() {
    let grid = Grid(width: 50, height: 40, geoTransform: Self.utm)
    #expect(
      grid.window(coveringX: 300_031...300_032, y: 4_199_999...4_199_999.5)
        == Window(column: 1, row: 0, width: 1, height: 1))
    #expect(Grid(width: 5, height: 4).window(coveringX: 0...1, y: 0...1) == nil)
  }

  @Test func `adjacent windows have an empty intersection`() {
    let a = Window(column: 0, row: 0, width: 4, height: 4)
    let b = Window(column: 4, row: 0, width: 4, height: 4)
    #expect(a.intersection(b).isEmpty && !a.overlaps(b))
    #expect(!a.contains(b) && a.contains(Window(column: 1, row: 1, width: 3, height: 3)))
    #expect(a.intersection(Window(column: 2, row: -1, width: 9, height: 3)).pixelCount == 4)
  }
}
