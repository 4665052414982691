import DepthModels
import Foundation
import Grids
import Rasters
import Surfaces
import Tensors
import TestModels
import TestSupport
import Testing

@Suite struct InferTests {
  let relief = Command(name: "relief")
  let folder: TemporaryFolder

  /// A part of one tile, because the example programs have no option for a window.
  private static let part = Window(column: 400, row: 400, width: 128, height: 128)

  init() throws { folder = try TemporaryFolder() }

  @Test func `infer writes a height raster on the grid of the sample scene`() throws {
    let dem = folder("dem.tif")
    let result = try relief("infer", Command.sample, dem, "--quicklook", "--steps", "0")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == dem + "\n", "standard output is only the path")
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

  @Test func `heights of the shipped bundle follow those of the reference`() throws {
    let shipped = Command(name: "relief", environment: Command.shipped)
    let result = try shipped("infer", Command.part.get(), folder("dem.tif"))
    #expect(result.code == 0, "\(result.errors)")
    let output = try Dataset(reading: folder("dem.tif"))
    let heights = try output.read(output.grid.window, band: 1)
    let reference = try Dataset(reading: Command.root + "/SampleData/ridges_dem.tif")
      .read(Command.partWindow, band: 1)
    let fit = try #require(AffineFit(of: heights, to: reference))
    #expect(fit.scale > 0 && fit.correlation > 0.5, "correlation \(fit.correlation)")
  }

  @Test func `a reference gives meters, sharpened by the sample scene`() throws {
    let truth = try Dataset(reading: Command.root + "/SampleData/ridges_dem.tif")
    let (cell, grid) = (10, truth.grid)
    let coarse = Grid(
      width: grid.width / cell, height: grid.height / cell,
      geoTransform: grid.geoTransform?.scaled(columns: Double(cell), rows: Double(cell)))
    let (crs, reference) = (truth.georeferencing.crs, folder("coarse.tif"))
    try Warp.write(truth, onto: coarse, crs: crs, by: .average, to: reference)
    let missing = try relief("infer", Command.sample, folder("a.tif"), "--reference", reference)
    #expect(missing.code == 2 && missing.errors.contains("--reference-vertical"))
    let result = try relief(
      "infer", Command.sample, folder("a.tif"), "--steps", "0", "--reference", reference,
      "--reference-vertical", "EPSG:5773", "--progress", "json")
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\"dem\"") && result.output.contains("\"usedRegions\""))
    let dem = try Dataset(reading: folder("a_dem.tif"))
    #expect(dem.grid == grid && dem.metadata()["HEIGHT"] == "anchored")
    let smooth = try Warp.values(
      Dataset(reading: reference), onto: grid, crs: crs, by: .cubic)
    let (heights, known) = (
      try dem.read(grid.window, band: 1), try truth.read(grid.window, bands: [1])
    )
    var errors = SIMD2<Double>.zero
    for pixel in heights.indices
    where heights[pixel] != -9999 && known.isValid[pixel] && !smooth[pixel].isNaN {
      let both = SIMD2(Double(heights[pixel]), Double(smooth[pixel]))
      errors += (both - Double(known.values[pixel])) * (both - Double(known.values[pixel]))
    }
    #expect((errors[0] / errors[1]).squareRoot() < 0.7, "\((errors[0] / errors[1]).squareRoot())")
  }

  @Test func `one thread and two threads give the same heights`() throws {
    let area = ["--tile", "128", "--overlap", "32"]
    for threads in ["1", "2"] {
      let result = try relief.run(
        ["infer", Command.part.get(), folder(threads + ".tif"), "--threads", threads] + area)
      #expect(result.code == 0, "\(result.errors)")
    }
    let read = { (name: String) in
      let dataset = try Dataset(reading: folder(name))
      return try dataset.read(dataset.grid.window, band: 1)
    }
    #expect(try read("1.tif") == read("2.tif"))
  }

  @Test func `with --progress json, standard output is one JSON object per line`() throws {
    let result = try relief(
      "infer", Command.part.get(), folder("dem.tif"), "--window", "80,80,64,64", "--tile", "256",
      "--progress", "json")
    #expect(result.code == 0, "\(result.errors)")
    let events = try result.output.split(separator: "\n").map { line in
      try #require(
        JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    let kinds = events.compactMap { $0["event"] as? String }
    #expect(kinds.count == events.count && kinds.filter { $0 == "plan" }.count == 1, "\(kinds)")
    // Before the plan, only the measuring of the scene is reported.
    let measured = events.prefix { $0["event"] as? String != "plan" }
    #expect(measured.allSatisfy { $0["part"] as? String == "measure" }, "\(measured)")
    #expect(events.last?["event"] as? String == "done")
    #expect(events.last?["output"] as? String == folder("dem.tif"))
    #expect(result.errors.isEmpty)
  }

  @Test func `the default output is NAME_relief.tif in the current folder`() throws {
    let result = try relief.run(
      ["infer", Command.sample, "--window", "400,400,64,64", "--tile", "256"], in: folder.path)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output == "ridges_rgbn_relief.tif\n")
    #expect(FileManager.default.fileExists(atPath: folder("ridges_rgbn_relief.tif")))
  }

  @Test func `creation options are passed to the COG driver`() throws {
    let result = try relief(
      "infer", Command.part.get(), folder("dem.tif"), "--window", "80,80,64,64", "--tile", "256",
      "--co", "COMPRESS=LZW")
    #expect(result.code == 0, "\(result.errors)")
    let structure = try Dataset(reading: folder("dem.tif")).metadata(domain: "IMAGE_STRUCTURE")
    #expect(structure["COMPRESSION"] == "LZW" && structure["LAYOUT"] == "COG")
  }

  @Test func `--confidence writes quality layers next to the output, including spread`() throws {
    try Command.writePart(Self.part, to: folder("part.tif"))
    let arguments = ["infer", folder("part.tif"), folder("dem.tif"), "--tile", "64"]
    let layers = ["tiles", "disagreement", "class", "spread"].map { folder("dem_\($0).tif") }
    let result = try relief.run(arguments + ["--ensemble", "4", "--confidence"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("the coarse network runs on each tile at 4 pixel sizes"))
    for path in layers {
      #expect(result.errors.contains("also wrote: \(path)\n"))
      #expect(try Dataset(reading: path).width == 128)
    }
    // The output is gone but its layers are not, and they are not overwritten without --overwrite.
    try FileManager.default.removeItem(atPath: folder("dem.tif"))
    try FileManager.default.removeItem(atPath: folder("dem.qml"))
    let again = try relief.run(arguments + ["--confidence"])
    #expect(again.code == 73 && again.errors.contains(layers[0]))
    #expect(try relief.run(arguments + ["--confidence", "--overwrite"]).code == 0)
  }

  private static let zion = Command.root + "/../shared/data/pairs/zion/landsat_rgbn.vrt"

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: zion), "needs the shared pairs next to the project"
    )
  )
  func `the heights of Zion are nodata exactly where all bands are nodata`() throws {
    let result = try relief(
      "infer", Self.zion, folder("zion.tif"), "--bands", "1,2,3", "--steps", "0")
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

  @Test func `an interrupted run exits with 75, and the same command resumes it`() throws {
    let arguments = [
      "infer", Command.sample, folder("dem.tif"), "--window", "0,0,600,600", "--progress", "json",
    ]
    let (process, output, _, _) = try relief.startUntilCoarse(arguments)
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

  @Test func `the API example writes a height raster`() throws {
    try Command.writePart(Self.part, to: folder("part.tif"))
    let result = try Command(name: "first-dem")(folder("part.tif"), folder("dem.tif"))
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("1 tiles"))
    #expect(try Dataset(reading: folder("dem.tif")).width == 128)
  }

  @Test func `the own-model example runs a custom network as a TileModel`() throws {
    try Command.writePart(Self.part, to: folder("part.tif"))
    // Three convolutions that pass through the green channel: the output is the stretched scene.
    func passing(_ inputs: Int, _ outputs: Int, from input: Int) -> Tensor {
      var kernel = Tensor([3, 3, inputs, outputs])
      kernel.withMutableSpan { $0[(4 * inputs + input) * outputs] = 1 }
      return kernel
    }
    var items: [Safetensors.Item] = []
    for (layer, (inputs, outputs)) in [(3, 16), (16, 16), (16, 1)].enumerated() {
      items.append(.init("\(layer).weight", passing(inputs, outputs, from: layer == 0 ? 1 : 0)))
      items.append(.init("\(layer).bias", Tensor([outputs])))
    }
    try Safetensors.write(items, to: folder("own.safetensors"))
    let result = try Command(name: "own-model")(
      folder("own.safetensors"), folder("part.tif"), folder("dem.tif"))
    #expect(result.code == 0, "\(result.errors)")
    let scene = try Dataset(reading: folder("part.tif"))
    let green = try scene.read(scene.grid.window, band: 2)
    let dem = try Dataset(reading: folder("dem.tif"))
    let heights = try dem.read(dem.grid.window, band: 1)
    let pairs = zip(green, heights).sorted { $0.0 < $1.0 }
    #expect(
      zip(pairs, pairs.dropFirst()).allSatisfy { $0.1 <= $1.1 + 1e-3 },
      "heights keep the order of the green values")
    #expect(heights.max()! > 200 && heights.min()! < 60)
  }

  @Test func `a refining bundle records its stages, and threads do not change the file`() throws {
    try Command.writePart(Self.part, to: folder("part.tif"))
    let bundle = try FormulaBundleKind.tiny.write(to: folder("tiny"))
    func infer(_ name: String, _ options: String...) throws -> Data {
      let result = try relief.run(
        ["infer", folder("part.tif"), folder(name), "--model", bundle.directory] + options)
      #expect(result.code == 0, "\(result.errors)")
      return try Data(contentsOf: URL(filePath: folder(name)))
    }
    let one = try infer("one.tif", "--threads", "1", "--tile", "64", "--overlap", "16")
    let four = try infer("four.tif", "--threads", "4", "--tile", "64", "--overlap", "16")
    #expect(one == four)
    let tags = try Dataset(reading: folder("one.tif")).metadata(domain: nil)
    #expect(tags["RELIEF_STAGES"] == "coarse, refined" && tags["RELIEF_STEPS"] == "6")

    // Each option changes the result, and --steps 0 gives coarse heights.
    let coarse = try infer("coarse.tif", "--steps", "0")
    let whole = try infer("whole.tif")
    let literal = try infer("literal.tif", "--normalisation", "per-tile")
    let early = try infer("early.tif", "--stop-at-one")
    let sampled = try infer("sampled.tif", "--sample-posterior")
    let again = try infer("again.tif", "--sample-posterior")
    #expect(Set([coarse, whole, literal, early, sampled]).count == 5)
    #expect(sampled == again, "sampling uses a fixed seed")
  }
}
