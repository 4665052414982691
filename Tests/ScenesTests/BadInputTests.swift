import DepthModels
import Files
import Foundation
import Grids
import Rasters
import Scenes
import Tensors
import TestModels
import TestSupport
import Testing

/// Invalid input is rejected before the run starts, with a message that names it.
@Suite struct BadInputTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func refusal(
    to path: String? = nil, bands: [Int]? = nil, change: @escaping (inout SceneOptions) -> Void
  ) async -> SceneError? {
    await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: path ?? folder("dem.tif"), bands: bands, change: change)
    }
  }

  @Test func `a window without pixels is rejected`() async {
    let error = await refusal { $0.area = .window(Window(column: 5, row: 5, width: 0, height: 9)) }
    #expect(error?.kind == .usage && error?.message.contains("5,5,0,9") == true)
  }

  @Test func `a window that extends beyond the scene is rejected`() async {
    let error = await refusal {
      $0.area = .window(Window(column: 290, row: 5, width: 20, height: 9))
    }
    #expect(error?.message.contains("300 × 220") == true)
  }

  @Test func `a box outside the scene is rejected`() async {
    let elsewhere = Bounds(minX: 0, minY: 0, maxX: 10, maxY: 10)
    let error = await refusal { $0.area = .bounds(elsewhere, nil) }
    #expect(error?.message.contains("outside") == true)
  }

  @Test func `an output that is the scene under another spelling is rejected`() async {
    let error = await refusal(to: folder.path + "/./scene.tif") { _ in }
    #expect(error?.kind == .usage && error?.message.contains("the scene itself") == true)
  }

  @Test func `a companion of the output that is the scene is rejected`() async throws {
    try SceneFixture().write(to: folder("picture.png"), driver: "GTiff")
    let before = try Data(contentsOf: URL(filePath: folder("picture.png")))
    var output = OutputOptions(folder("picture.tif"))
    (output.overwrites, output.writesQuicklook) = (true, true)
    let error = #expect(throws: SceneError.self) {
      try output.check(against: SceneSource(folder("picture.png")))
    }
    #expect(error?.message.contains("picture.png") == true)
    #expect(try Data(contentsOf: URL(filePath: folder("picture.png"))) == before)
  }

  @Test(arguments: ["", "/vsimem/dem.tif"])
  func `an output that is not a local path is rejected`(path: String) async {
    let error = await refusal(to: path) { _ in }
    #expect(error?.kind == .usage)
  }

  @Test func `an area without a valid pixel is rejected`() async {
    let error = await refusal { $0.area = .window(Window(column: 0, row: 0, width: 9, height: 9)) }
    #expect(error?.kind == .badData && error?.message.contains("0,0,9,9") == true)
  }

  @Test func `a lattice with more pixels than a disk can store is rejected`() async {
    let error = await refusal { ($0.gsd, $0.forcesGSD) = (.meters(1e-9), true) }
    #expect(error?.kind == .usage)
  }

  @Test func `a stretch beyond the range of Float is rejected`() async {
    let error = await refusal { $0.stretch = .range(0, 1e300) }
    #expect(error?.kind == .badData && error?.message.contains("--stretch") == true)
  }

  @Test func `bands that do not exist are rejected with the existing ones`() async {
    let error = await refusal(bands: [1, 2, 7]) { _ in }
    #expect(error?.message.contains("band 7") == true)
    #expect(error?.message.contains("1 red, 2 green, 3 blue") == true, "the existing bands")
  }

  @Test(arguments: [(63, 8), (64, 40), (0, 0)])
  func `tile sizes that the network does not support are rejected`(tile: Int, overlap: Int) async {
    let error = await refusal {
      $0.tileSize = tile; $0.overlap = overlap
    }
    #expect(error?.kind == .usage)
  }

  @Test func `a memory limit below one tile is rejected`() async {
    let error = await refusal { $0.memory = 100_000 }
    #expect(error?.message.contains("--ram") == true)
  }

  @Test func `an output folder that does not exist is rejected`() async {
    await #expect(throws: (any Error).self) {
      _ = try await infer(scene, to: folder("missing/dem.tif"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder("missing")))
  }

  @Test func `an output of another plan is rejected unless overwritten`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif")) { $0.tileSize = 128 }
    }
    #expect(error?.kind == .cannotCreate && error?.message.contains("dem.tif") == true)
    _ = try await infer(scene, to: folder("dem.tif"), overwriting: true)
  }

  @Test func `a scene with only nodata is rejected`() async throws {
    var fixture = try SceneFixture()
    fixture.isVoid = { _, _ in true }
    try fixture.write(to: folder("void.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(folder("void.tif"), to: folder("dem.tif"))
    }
    #expect(error?.kind == .badData && error?.message.contains("valid") == true)
  }

  @Test func `complex samples are rejected`() async throws {
    var fixture = try SceneFixture()
    (fixture.type, fixture.noData) = ("CFloat32", nil)
    try fixture.write(to: folder("complex.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(folder("complex.tif"), to: folder("dem.tif"))
    }
    #expect(error?.message.contains("CFloat32") == true)
  }

  @Test func `bands without names or colors are listed`() async throws {
    var fixture = try SceneFixture()
    fixture.bands = 5
    try fixture.write(to: folder("five.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(folder("five.tif"), to: folder("dem.tif"))
    }
    #expect(error?.message.contains("--bands 1,2,3") == true)
    #expect(error?.message.contains(", 5 ") == true)
  }

  @Test(arguments: [0.3, 0.7])
  func `a truncated scene is rejected`(share: Double) async throws {
    let bytes = try Data(contentsOf: URL(filePath: scene))
    let cut = folder("cut.tif")
    try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(filePath: cut))
    let error = await #expect(throws: RasterError.self) {
      _ = try await infer(cut, to: folder("dem.tif"))
    }
    #expect(error?.message.contains("cut.tif") == true)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.tif")))
  }

  @Test func `a disk that fills up during the run ends the run without an output`() async throws {
    let disk = folder("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard try runProgram(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk]) == 0 else {
      try Test.cancel("mounting a small disk requires root")
    }
    let error = await #expect(throws: (any Error).self) {
      _ = try await infer(scene, to: disk + "/dem.tif")
    }
    let isTransient =
      (error as? SceneError)?.kind == .io || (error as? RasterError)?.kind == .io
      || (error as? FileError)?.isTransient == true
    #expect(isTransient && "\(error as Any)".contains(disk), "\(error as Any)")
    #expect(!FileManager.default.fileExists(atPath: disk + "/dem.tif"))
    #expect(try runProgram(["umount", disk]) == 0)
  }

  @Test func `a network that outputs NaN ends the run with the failed tile`() async throws {
    let source = try SceneSource(scene)
    let plan = try await ScenePlan.make(for: source, model: NaNModel(), options: SceneOptions())
    let run = try SceneRun(
      plan, scene: source, model: NaNModel(), output: OutputOptions(folder("dem.tif")))
    let error = await #expect(throws: SceneError.self) { _ = try await run() }
    #expect(error?.message.contains("tile row 0") == true)
  }
}

private struct NaNModel: TileModel {
  let card = BrightnessModel(tileSize: 64, overlap: 16).card
  let identity = "nan"
  let sizeMultiple = 32

  func coarseHeight(of image: Tensor) -> Tensor {
    Tensor([1, image.shape[1], image.shape[2], 1], repeating: .nan)
  }

  func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
}
