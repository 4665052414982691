import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Tests images by reading them back with GDAL.
@Suite struct PictureTests {
  @Test func `gray levels, colors and transparency survive a PNG file`() throws {
    var picture = Picture(gray: [0, 0.5, 1, .nan, 2, -1], width: 3)
    picture.set(5, 10, 20, 30)
    let folder = try TemporaryFolder()
    let path = folder("picture.png")
    try Data(picture.png()).write(to: URL(filePath: path))
    let dataset = try Dataset(reading: path)
    #expect((dataset.width, dataset.height) == (3, 2))
    let bands = try (1...4).map { try dataset.read(dataset.grid.window, band: $0) }
    #expect(bands[0] == [0, 128, 255, 0, 255, 10])
    #expect(bands[1] == [0, 128, 255, 0, 255, 20])
    #expect(bands[2] == [0, 128, 255, 0, 255, 30])
    #expect(bands[3] == [255, 255, 255, 0, 255, 255])
  }

  @Test func `text is stored in the PNG file`() throws {
    let folder = try TemporaryFolder()
    let text = ["Software": "relief", "Comment": "relief, plan 0123"]
    try Data(Picture(width: 2, height: 2).png(text: text)).write(
      to: URL(filePath: folder("picture.png")))
    let found = try Dataset(reading: folder("picture.png")).metadata()
    #expect(text.allSatisfy { found[$0.key] == $0.value }, "\(found)")
    #expect(try names(in: folder.path) == ["picture.png"])
  }

  @Test func `decimation averages the valid pixels`() throws {
    let path = try makeRaster(
      width: 4, height: 2, bands: [[1, 3, -9, 5, 1, 3, -9, -9]],
      configure: { try $0.setNoData(-9, band: 1) })
    let dataset = try Dataset(reading: path)
    let small = try dataset.decimated(longSide: 2)
    #expect(try small.read(small.grid.window, band: 1) == [2, 5])
  }
}
