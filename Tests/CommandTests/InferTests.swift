import Foundation
import Grids
import Rasters
import TestSupport
import Testing

@Suite struct InferTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func `the sample scene becomes a height raster on its grid`() throws {
    let dem = folder("dem.tif")
    let result = try relief("infer", Command.sample, dem, "--quicklook")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == dem + "\n", "standard output is the path alone")
    let input = try Dataset(reading: Command.sample)
    let output = try Dataset(reading: dem)
    #expect(output.grid == input.grid)
    let scene = try input.read(input.grid.window, bands: [1, 2, 3], validity: ValidityRule())
    let heights = try output.read(output.grid.window, band: 1)
    #expect(zip(heights, scene.isValid).allSatisfy { ($0 != -9999) == $1 })
    #expect(scene.isValid.contains(false), "the sample has corners without data")
    for companion in ["dem.qml", "dem.png"] {
      #expect(FileManager.default.fileExists(atPath: folder(companion)))
    }
  }

  @Test func `one thread and two give the same file but for nothing`() throws {
    let area = ["--window", "300,300,500,400"]
    for threads in ["1", "2"] {
      let result = try relief.run(
        ["infer", Command.sample, folder(threads + ".tif"), "--threads", threads] + area)
      #expect(result.code == 0, "\(result.errors)")
    }
    let read = { (name: String) in
      let dataset = try Dataset(reading: folder(name))
      return try dataset.read(dataset.grid.window, band: 1)
    }
    #expect(try read("1.tif") == read("2.tif"))
  }

  @Test func `programs read one JSON object a line`() throws {
    let result = try relief(
      "infer", Command.sample, folder("dem.tif"), "--window", "400,400,64,64", "--tile", "256",
      "--progress", "json")
    #expect(result.code == 0, "\(result.errors)")
    let events = try result.output.split(separator: "\n").map { line in
      try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    #expect(events.first?["event"] as? String == "plan")
    #expect(events.last?["event"] as? String == "done")
    #expect(events.last?["output"] as? String == folder("dem.tif"))
    #expect(result.errors.isEmpty)
  }

  @Test func `without a name the output is NAME_relief in the current folder`() throws {
    let result = try relief.run(
      ["infer", Command.sample, "--window", "400,400,64,64", "--tile", "256"], in: folder.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == "ridges_rgbn_relief.tif\n")
    #expect(FileManager.default.fileExists(atPath: folder("ridges_rgbn_relief.tif")))
  }

  @Test func `creation options reach the COG driver`() throws {
    let result = try relief(
      "infer", Command.sample, folder("dem.tif"), "--window", "400,400,64,64", "--tile", "256",
      "--co", "COMPRESS=LZW")
    #expect(result.code == 0, "\(result.errors)")
    let structure = try Dataset(reading: folder("dem.tif")).metadata(domain: "IMAGE_STRUCTURE")
    #expect(structure["COMPRESSION"] == "LZW" && structure["LAYOUT"] == "COG")
  }

  private static let zion = Command.root + "/../shared/data/pairs/zion/landsat_rgbn.vrt"

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: zion), "needs the shared pairs beside the project")
  )
  func `Zion has nodata exactly where all bands have it`() throws {
    let result = try relief("infer", Self.zion, folder("zion.tif"), "--bands", "1,2,3")
    #expect(result.code == 0, "\(result.errors)")
    let scene = try Dataset(reading: Self.zion)
    let output = try Dataset(reading: folder("zion.tif"))
    #expect(output.grid == scene.grid)
    let heights = try output.read(output.grid.window, band: 1)
    let bands = try (1...3).map { try scene.read(scene.grid.window, band: $0) }
    for pixel in heights.indices {
      let isVoid = bands.allSatisfy { $0[pixel] == 65535 }
      if isVoid != (heights[pixel] == -9999) { Issue.record("pixel \(pixel)"); break }
    }
  }

  @Test func `an interrupted run exits with 75 and goes on`() throws {
    let arguments = ["infer", Command.sample, folder("dem.tif"), "--progress", "json"]
    let (process, output, _) = try relief.start(arguments)
    var seen = ""
    while !seen.contains("\"part\":\"coarse\"") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      seen += String(decoding: data, as: UTF8.self)
    }
    process.interrupt()
    _ = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 75)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.tif")))
    #expect(FileManager.default.fileExists(atPath: folder("dem.relief/plan.json")))
    let result = try relief.run(arguments)
    #expect(result.code == 0, "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder("dem.relief")))
  }

  @Test func `the example of the API makes a raster`() throws {
    // A part of the sample as a scene of its own: the example takes no options.
    let part = Window(column: 400, row: 400, width: 128, height: 128)
    let source = try Dataset(reading: Command.sample)
    let pixels = try source.read(part, bands: [1, 2, 3], validity: ValidityRule())
    var scene = try Dataset(
      creating: folder("part.tif"), width: 128, height: 128, bands: 3, type: "UInt16")
    try scene.setGeoreferencing(source.georeferencing.cropped(to: part))
    for (band, color) in zip(1...3, [ColorInterpretation.red, .green, .blue]) {
      try scene.setColorInterpretation(color, band: band)
      let values = stride(from: band - 1, to: pixels.values.count, by: 3).map { pixels.values[$0] }
      let whole = Window(column: 0, row: 0, width: 128, height: 128)
      try scene.write(whole, band: band, values.span)
    }
    try scene.close()
    let result = try Command(name: "first-dem")(folder("part.tif"), folder("dem.tif"))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("1 tiles"))
    #expect(try Dataset(reading: folder("dem.tif")).width == 128)
  }
}
