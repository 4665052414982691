import Grids
import Rasters
import Scenes
import TestSupport
import Testing

@Suite struct HeightChangeTests {
  /// 300 rows, so that strips are cut; every tenth pixel is without a height.
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

  private func ground(_ row: Int, _ column: Int) -> Float {
    (row * 40 + column) % 10 == 0 ? noData : Float(row + 2 * column)
  }

  @Test(arguments: [0, 0.5, -3] as [Float])
  func `a raster that is higher throughout by so much has changed by just that`(
    much: Float
  ) throws {
    let higher = try raster {
      let height = ground($0, $1)
      return height == noData ? height : height + much
    }
    let change = try HeightChange(from: raster(ground), in: window, to: higher)
    #expect(change.median == Double(abs(much)) && change.percentile95 == Double(abs(much)))
    #expect(change.comparedPixels == 40 * 300 * 9 / 10 && change.unmatchedPixels == 0)
  }

  @Test func `median and percentile are those of the ranks`() throws {
    // Differences of 0…11999, each once.
    let change = try HeightChange(
      from: raster { _, _ in 0 }, in: window, to: raster { Float($0 * 40 + $1) })
    #expect(change.median == 5999 && change.percentile95 == 11399)
  }

  @Test func `what only one has is counted and not compared`() throws {
    let other = try raster { row, column in
      row < 100 ? noData : ground(row, column) == noData ? 7 : ground(row, column) + 1
    }
    let change = try HeightChange(from: raster(ground), in: window, to: other)
    #expect(change.comparedPixels == 40 * 200 * 9 / 10 && change.median == 1)
    #expect(change.unmatchedPixels == 40 * 100 * 9 / 10 + 40 * 200 / 10)
    let nothing = try HeightChange(
      from: raster(ground), in: window, to: raster { _, _ in noData })
    #expect(nothing.comparedPixels == 0 && nothing.median == nil)
    #expect(nothing.unmatchedPixels == 40 * 300 * 9 / 10)
  }

  @Test func `a part is held against its own place, and has its size`() throws {
    let place = Window(column: 7, row: 20, width: 11, height: 270)
    let part = try raster(width: 11, height: 270) { ground($0 + 20, $1 + 7) }
    let change = try HeightChange(from: raster(ground), in: place, to: part)
    #expect(change.median == 0 && change.percentile95 == 0 && change.unmatchedPixels == 0)
    #expect {
      _ = try HeightChange(from: raster(ground), in: window, to: part)
    } throws: {
      ($0 as? SceneError)?.kind == .badData && "\($0)".contains("11 × 270")
    }
  }

  @Test func `bits that differ are counted, whatever the difference`() throws {
    let changed = try raster { row, column in
      let height = ground(row, column)
      return switch (row, column) {
      case (280, 3): height.nextUp
      case (5, 5): noData
      default: height
      }
    }
    let bits = try BitComparison(raster(ground), changed)
    #expect(bits.comparedPixels == 40 * 300 && bits.differentPixels == 2)
    #expect(try BitComparison(changed, changed).differentPixels == 0)
  }
}
