import Grids
import Rasters
import Scenes
import TestSupport
import Testing

@Suite struct HeightChangeTests {
  /// 300 rows, for more than one strip.
  private let window = Window(column: 0, row: 0, width: 40, height: 300)
  private let noData: Float = -9999

  private func raster(
    width: Int = 40, height: Int = 300, _ value: (_ row: Int, _ column: Int) -> Float
  ) throws -> String {
    let values = (0..<height).flatMap { row in (0..<width).map { value(row, $0) } }
    return try makeRaster(width: width, height: height, bands: [values]) {
      try $0.setNoData(-9999, band: 1)
    }
  }

  /// A plane in which every tenth pixel has no height.
  private func plane(_ row: Int, _ column: Int) -> Float {
    (row * 40 + column) % 10 == 0 ? noData : Float(row + 2 * column)
  }

  @Test(arguments: [0, 0.5, -3] as [Float])
  func `a constant offset is the median and the percentile`(
    offset: Float
  ) throws {
    let higher = try raster {
      let height = plane($0, $1)
      return height == noData ? height : height + offset
    }
    let change = try HeightChange(from: raster(plane), in: window, to: higher)
    #expect(change.median == Double(abs(offset)) && change.percentile95 == Double(abs(offset)))
    #expect(change.comparedPixels == 40 * 300 * 9 / 10 && change.unmatchedPixels == 0)
  }

  @Test func `the median and the percentile are exact order statistics`() throws {
    // The differences are 0…11999, each once.
    let change = try HeightChange(
      from: raster { _, _ in 0 }, in: window, to: raster { Float($0 * 40 + $1) })
    #expect(change.median == 5999 && change.percentile95 == 11399)
  }

  @Test func `pixels with a height in only one raster are counted, not compared`() throws {
    let other = try raster { row, column in
      row < 100 ? noData : plane(row, column) == noData ? 7 : plane(row, column) + 1
    }
    let change = try HeightChange(from: raster(plane), in: window, to: other)
    #expect(change.comparedPixels == 40 * 200 * 9 / 10 && change.median == 1)
    #expect(change.unmatchedPixels == 40 * 100 * 9 / 10 + 40 * 200 / 10)
    let nothing = try HeightChange(
      from: raster(plane), in: window, to: raster { _, _ in noData })
    #expect(nothing.comparedPixels == 0 && nothing.median == nil)
    #expect(nothing.unmatchedPixels == 40 * 300 * 9 / 10)
  }

  @Test func `a part is compared with its window, and must have the window's size`() throws {
    let place = Window(column: 7, row: 20, width: 11, height: 270)
    let part = try raster(width: 11, height: 270) { plane($0 + 20, $1 + 7) }
    let change = try HeightChange(from: raster(plane), in: place, to: part)
    #expect(change.median == 0 && change.percentile95 == 0 && change.unmatchedPixels == 0)
    #expect {
      _ = try HeightChange(from: raster(plane), in: window, to: part)
    } throws: {
      ($0 as? SceneError)?.kind == .badData && "\($0)".contains("11 × 270")
    }
  }

  @Test func `pixels that are not bit-identical are counted, whatever the difference`() throws {
    let changed = try raster { row, column in
      let height = plane(row, column)
      return switch (row, column) {
      case (280, 3): height.nextUp
      case (5, 5): noData
      default: height
      }
    }
    let bits = try BitComparison(raster(plane), changed)
    #expect(bits.comparedPixels == 40 * 300 && bits.differentPixels == 2)
    #expect(try BitComparison(changed, changed).differentPixels == 0)
  }
}
