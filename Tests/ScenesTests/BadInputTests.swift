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

/// What cannot be done is refused before it is begun, by name.
@Suite struct BadInputTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    try SceneFixture().write(to: scene)
  }

  private func refusal(
    to path: String? = nil, bands: [Int]? = nil, change: @escaping (inout SceneOptions) -> Void
  ) async -> SceneError? {
    await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: path ?? folder("dem.tif"), bands: bands, change: change)
    }
  }

  @Test func `a window without a pixel`() async {
    let error = await refusal { $0.area = .window(Window(column: 5, row: 5, width: 0, height: 9)) }
    #expect(error?.kind == .usage && error?.message.contains("5,5,0,9") == true)
  }

  @Test func `a window that reaches beyond the scene`() async {
    let error = await refusal {
      $0.area = .window(Window(column: 290, row: 5, width: 20, height: 9))
    }
    #expect(error?.message.contains("300 × 220") == true)
  }

  @Test func `a box elsewhere`() async {
    let elsewhere = Bounds(minX: 0, minY: 0, maxX: 10, maxY: 10)
    let error = await refusal { $0.area = .bounds(elsewhere, nil) }
    #expect(error?.message.contains("outside") == true)
  }

  @Test func `the output is the scene itself, under another spelling`() async {
    let error = await refusal(to: folder.path + "/./scene.tif") { _ in }
    #expect(error?.kind == .usage && error?.message.contains("the scene itself") == true)
  }

  @Test func `a companion of the output that is the scene`() async throws {
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
  func `an output that is no local path`(path: String) async {
    let error = await refusal(to: path) { _ in }
    #expect(error?.kind == .usage)
  }

  @Test func `an area without a valid pixel`() async {
    let error = await refusal { $0.area = .window(Window(column: 0, row: 0, width: 9, height: 9)) }
    #expect(error?.kind == .badData && error?.message.contains("0,0,9,9") == true)
  }

  @Test func `a lattice of more pixels than a disk holds`() async {
    let error = await refusal { ($0.gsd, $0.forcesGSD) = (.meters(1e-9), true) }
    #expect(error?.kind == .usage)
  }

  @Test func `a stretch that no Float holds`() async {
    let error = await refusal { $0.stretch = .range(0, 1e300) }
    #expect(error?.kind == .badData && error?.message.contains("--stretch") == true)
  }

  @Test func `bands that are not there`() async {
    let error = await refusal(bands: [1, 2, 7]) { _ in }
    #expect(error?.message.contains("band 7") == true)
    #expect(error?.message.contains("1 red, 2 green, 3 blue") == true, "those that are there")
  }

  @Test(arguments: [(63, 8), (64, 40), (0, 0)])
  func `tiles that the network cannot take`(tile: Int, overlap: Int) async {
    let error = await refusal {
      $0.tileSize = tile; $0.overlap = overlap
    }
    #expect(error?.kind == .usage)
  }

  @Test func `memory for not even one tile`() async {
    let error = await refusal { $0.memory = 100_000 }
    #expect(error?.message.contains("--ram") == true)
  }

  @Test func `a folder that does not exist`() async {
    await #expect(throws: (any Error).self) {
      _ = try await infer(scene, to: folder("missing/dem.tif"))
    }
    #expect(!FileManager.default.fileExists(atPath: folder("missing")))
  }

  @Test func `an output of another plan that is already there`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif")) { $0.tileSize = 128 }
    }
    #expect(error?.kind == .cannotCreate && error?.message.contains("dem.tif") == true)
    _ = try await infer(scene, to: folder("dem.tif"), overwriting: true)
  }

  @Test func `a scene of nothing but nodata`() async throws {
    var fixture = try SceneFixture()
    fixture.isVoid = { _, _ in true }
    try fixture.write(to: folder("void.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(folder("void.tif"), to: folder("dem.tif"))
    }
    #expect(error?.kind == .badData && error?.message.contains("valid") == true)
  }

  @Test func `complex samples`() async throws {
    var fixture = try SceneFixture()
    (fixture.type, fixture.noData) = ("CFloat32", nil)
    try fixture.write(to: folder("complex.tif"))
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(folder("complex.tif"), to: folder("dem.tif"))
    }
    #expect(error?.message.contains("CFloat32") == true)
  }

  @Test func `bands without names or colours are listed`() async throws {
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
  func `a scene cut off in the middle`(share: Double) async throws {
    let bytes = try Data(contentsOf: URL(filePath: scene))
    let cut = folder("cut.tif")
    try bytes.prefix(Int(Double(bytes.count) * share)).write(to: URL(filePath: cut))
    let error = await #expect(throws: RasterError.self) {
      _ = try await infer(cut, to: folder("dem.tif"))
    }
    #expect(error?.message.contains("cut.tif") == true)
    #expect(!FileManager.default.fileExists(atPath: folder("dem.tif")))
  }

  @Test func `a disk that fills up on the way`() async throws {
    let disk = folder("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard try run("/bin/mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", disk) == 0 else {
      try Test.cancel("mounting a small disk needs root")
    }
    let error = await #expect(throws: (any Error).self) {
      _ = try await infer(scene, to: disk + "/dem.tif")
    }
    let mayPass =
      (error as? SceneError)?.kind == .io || (error as? RasterError)?.kind == .io
      || (error as? FileError)?.mayPass == true
    #expect(mayPass && "\(error as Any)".contains(disk), "\(error as Any)")
    #expect(!FileManager.default.fileExists(atPath: disk + "/dem.tif"))
    #expect(try run("/bin/umount", disk) == 0)
  }

  private func run(_ program: String, _ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  @Test func `a network that answers with nonsense`() async throws {
    let source = try SceneSource(scene)
    let plan = try await ScenePlan(source, model: Nonsense(), options: SceneOptions())
    let run = try SceneRun(
      plan, scene: source, model: Nonsense(), output: OutputOptions(folder("dem.tif")))
    let error = await #expect(throws: SceneError.self) { _ = try await run() }
    #expect(error?.message.contains("tile row 0") == true)
  }
}

private struct Nonsense: TileModel {
  let card = BrightnessModel(tileSize: 64, overlap: 16).card
  let identity = "nonsense"
  let sizeMultiple = 32

  func coarseHeight(of image: Tensor) -> Tensor {
    Tensor([1, image.shape[1], image.shape[2], 1], repeating: .nan)
  }

  func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
}
