import Foundation
import Grids
import Rasters
import TestSupport
import Testing

/// Tests of `relief evaluate` as users and scripts run it.
@Suite struct EvaluateTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder
  let heights: String
  let reference: String
  let image: String

  /// Writes a part of the sample, and heights that are 3 m too high, with an additional error of 20 m in a corner.
  init() throws {
    folder = try TemporaryFolder()
    let dem = Command.root + "/SampleData/ridges_dem.tif"
    reference = try Self.cut(dem, folder("reference.tif"), bands: [1]) { $1 }
    heights = try Self.cut(dem, folder("heights.tif"), bands: [1]) { pixel, height in
      height + (pixel % 150 < 30 && pixel / 150 < 26 ? 23 : 3)
    }
    image = try Self.cut(Command.sample, folder("image.tif"), bands: [1, 2, 3]) { $1 }
  }

  /// Writes some bands of a window of a raster, changed pixel by pixel.
  private static func cut(
    _ source: String, _ path: String, bands: [Int], _ change: (Int, Float) -> Float
  ) throws -> String {
    let window = Window(column: 500, row: 400, width: 150, height: 130)
    let dataset = try Dataset(reading: source)
    let values = try bands.map { band in
      try dataset.read(window, band: band).enumerated().map { change($0.offset, $0.element) }
    }
    var place = dataset.georeferencing
    place.geoTransform = place.geoTransform?.shifted(to: window)
    return try makeRaster(at: path, width: 150, height: 130, bands: values) { result in
      try result.setGeoreferencing(place)
      for band in bands where !dataset.bands[band - 1].description.isEmpty {
        try result.setDescription(dataset.bands[band - 1].description, band: band)
      }
    }
  }

  @Test func `an evaluation is printed as tables, and written as HTML and CSV`() throws {
    let arguments = [
      "evaluate", heights, reference, "--unit", "m", "--image", image, "--html",
      folder("report.html"), "--csv", folder("report.csv"),
    ]
    let result = try relief.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines[0].hasPrefix("heights: 150 × 130 pixels of 30.0 × 30.0 m"))
    let own = try #require(lines.first { $0.hasPrefix("  heights, as it is ") })
    // One pixel in 25 is 20 m higher: the mean error is 3.8 m, and more than half of all errors are 3 m.
    #expect(own.contains(" 3.80 ") && own.contains(" 0.00 "), "\(own)")
    #expect(lines.contains { $0.hasPrefix("  blurred luminance, affine fit") })
    #expect(
      lines.contains { $0.contains("heights, affine fit, minus plane") && $0.hasSuffix("better") })
    let page = try String(contentsOfFile: folder("report.html"), encoding: .utf8)
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("blurred luminance"))
    let table = try String(contentsOfFile: folder("report.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count >= 7)
    #expect(try relief.run(arguments).code == 73)
    #expect(try relief.run(arguments + ["--overwrite", "--no-lpips"]).code == 0)
  }

  @Test func `a pair that cannot be evaluated is reported and does not stop the list`() throws {
    let list = folder("list.csv")
    let far = try makeRaster(
      at: folder("far.tif"), width: 8, height: 8, bands: [Array(repeating: 1, count: 64)]
    ) {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: GeoTransform([100_000, 30, 0, 9_000_000, 0, -30]), crs: CRS("EPSG:32626")))
    }
    try Data(
      """
      name,image,dem,split,heights
      made,\(image),\(reference),test,-
      given,\(image),\(reference),test,\(heights)
      far,\(image),\(far),test,\(heights)
      not asked,\(image),\(reference),train,-
      """.utf8
    ).write(to: URL(filePath: list))
    for name in ["made", "given"] {
      try FileManager.default.copyItem(atPath: heights, toPath: folder("\(name)-before.tif"))
    }
    let result = try relief(
      "evaluate", "--pairs", list, "--split", "test", "--json", "--no-lpips", "--keep",
      folder("kept"), "--against", "before=" + folder("{name}-before.tif"))
    #expect(result.code == 65, "\(result.errors)")
    #expect(result.errors.contains("1 of 3 pairs could not be evaluated"))
    #expect(result.errors.contains("far: ") && result.errors.contains("do not overlap"))
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    let sites = try #require(object["sites"] as? [[String: Any]])
    #expect(sites.map { $0["name"] as? String } == ["made", "given"])
    for site in sites {
      let surfaces = (site["surfaces"] as? [[String: Any]])?.map { $0["name"] as? String }
      #expect(surfaces?.contains("before") == true, "\(site["name"] ?? "")")
    }
    #expect((object["leftOut"] as? [String])?.count == 1)
    #expect((object["pooled"] as? [Any])?.isEmpty == false)
    #expect(try names(in: folder("kept")).contains("made.tif"))
  }

  @Test func `invalid arguments are refused before any work is done`() throws {
    #expect(try relief("evaluate", heights).code == 2)
    #expect(try relief("evaluate", heights, reference, "--split", "test").code == 2)
    #expect(try relief("evaluate", "--pairs", "list.csv", "--image", image).code == 2)
    #expect(try relief("evaluate", heights, reference, "--tile", "512").code == 2)
    #expect(try relief("evaluate", heights, reference, "--longest-wavelength", "0").code == 2)
    let missing = try relief("evaluate", folder("none.tif"), reference)
    #expect(missing.code == 66 && missing.errors.contains("none.tif"))
  }
}
