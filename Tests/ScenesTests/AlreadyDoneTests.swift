import Foundation
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// Repeated commands after the output is complete, and outputs whose names are already taken.
@Suite struct AlreadyDoneTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func run(
    _ name: String = "dem.tif", overwriting: Bool = false, quicklook: Bool = false,
    confidence: Set<ConfidenceRaster> = [], change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> SceneReport {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    change(&options)
    let source = try SceneSource(scene)
    let plan = try await ScenePlan.make(for: source, model: BrightnessModel(), options: options)
    var output = OutputOptions(folder(name))
    (output.overwrites, output.writesQuicklook) = (overwriting, quicklook)
    output.confidence = confidence
    return try await SceneRun(
      plan, scene: source, model: BrightnessModel(), options: options, output: output)()
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder(name)))
  }

  private func inode(_ name: String) throws -> UInt64 {
    var status = stat()
    try #require(stat(folder(name), &status) == 0)
    return UInt64(status.st_ino)
  }

  @Test func `a complete output is not recomputed, but missing companions are`() async throws {
    let first = try await run(quicklook: true)
    let (inode, style, picture) = (
      try self.inode("dem.tif"), try bytes("dem.qml"), try bytes("dem.png")
    )
    let again = try await run(quicklook: true)
    #expect(again.wasAlreadyDone && !first.wasAlreadyDone)
    #expect(again.output.statistics == first.output.statistics)
    #expect(again.companions.isEmpty)
    for name in ["dem.qml", "dem.png"] {
      try FileManager.default.removeItem(atPath: folder(name))
    }
    #expect(try await run(quicklook: true).companions.count == 2)
    #expect(try self.inode("dem.tif") == inode)
    #expect(try bytes("dem.qml") == style && bytes("dem.png") == picture)
    #expect(try await !run(overwriting: true, quicklook: true).wasAlreadyDone)
    #expect(try self.inode("dem.tif") != inode)
    #expect(try bytes("dem.qml") == style && bytes("dem.png") == picture)
  }

  @Test func `quality layers cannot be computed from an output alone`() async throws {
    _ = try await run()
    let error = await #expect(throws: SceneError.self) { _ = try await run(confidence: [.tiles]) }
    #expect(error?.kind == .cannotCreate && error?.message.contains("--overwrite") == true)
    _ = try await run(overwriting: true, confidence: [.tiles])
    #expect(try await run(confidence: [.tiles]).wasAlreadyDone)
  }

  @Test func `an output that cannot be read completely is not reported as done`() async throws {
    _ = try await run()
    var data = try bytes("dem.tif")
    for index in data.count / 3..<data.count / 2 { data[index] = 0xff }
    try data.write(to: URL(filePath: folder("dem.tif")))
    let error = await #expect(throws: SceneError.self) { _ = try await run() }
    #expect(error?.kind == .badData && error?.message.contains("--overwrite") == true)
    #expect(try await run(overwriting: true).holes == 0)
  }

  @Test func `permission to replace an output is stored with the tiles of its run`()
    async throws
  {
    _ = try await run()
    let other: @Sendable (inout SceneOptions) -> Void = { $0.stretch = .minMax }
    await #expect(throws: SceneError.self) { _ = try await run(change: other) }
    let (scene, path) = (scene, folder("dem.tif"))
    let work = Task {
      try await infer(scene, to: path, overwriting: true, change: other) { progress in
        guard case .tiles(.coarse, let finished, _) = progress, finished >= 6 else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { _ = try await work.value }
    _ = try await run(change: other)
    _ = try await infer(scene, to: folder("whole.tif"), change: other)
    #expect(try bytes("dem.tif") == bytes("whole.tif"))
  }

  @Test(arguments: ["dem.tif", "dem.qml", "dem.png", "dem_tiles.tif"])
  func `files that relief did not write are never replaced`(name: String) async throws {
    let foreign = name.hasSuffix(".tif") ? try bytes("scene.tif") : Data("<qgis/> mine".utf8)
    try foreign.write(to: URL(filePath: folder(name)))
    for overwriting in [false, true] {
      let error = await #expect(throws: SceneError.self) {
        _ = try await run(overwriting: overwriting, quicklook: true, confidence: [.tiles])
      }
      #expect(error?.kind == .cannotCreate && error?.message.contains(name) == true)
    }
    #expect(try bytes(name) == foreign)
    #expect(try names(in: folder.path) == [name, "scene.tif"].sorted())
  }

  @Test(arguments: ["dem.tif", "dem.qml", "dem.png", "dem_tiles.tif", "dem.relief"])
  func `links and pipes are rejected without blocking`(name: String) async throws {
    try "mine".write(toFile: folder("target"), atomically: true, encoding: .utf8)
    for isLink in [true, false] {
      let path = folder(name)
      #expect((isLink ? symlink(folder("target"), path) : mkfifo(path, 0o600)) == 0)
      await #expect(throws: (any Error).self) {
        _ = try await run(overwriting: true, quicklook: true, confidence: [.tiles])
      }
      unlink(path)
    }
    #expect(try bytes("target") == Data("mine".utf8))
  }

  @Test func `outputs with different suffixes share no files`() async throws {
    for name in ["dem.tif", "dem.tiff", "dem.TIF"] {
      let report = try await run(name, confidence: [.tiles])
      #expect(report.companions.count == 2)
    }
    #expect(try names(in: folder.path).count == 10)
    #expect(OutputOptions("a.tif").storeFolder == "a.relief")
    #expect(OutputOptions("a.tiff").storeFolder == "a.tiff.relief")
  }

  @Test func `a file that cannot be replaced is rejected before the first tile`() async throws {
    _ = try await run()
    let path = folder("dem.tif")
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var flags = 0x10  // immutable
    guard ioctl(descriptor, 0x4008_6602, &flags) == 0 else {
      try Test.cancel("making a file immutable requires root and a file system that supports it")
    }
    defer {
      flags = 0
      _ = ioctl(descriptor, 0x4008_6602, &flags)
    }
    await #expect { _ = try await run(overwriting: true) } throws: { "\($0)".contains("immutable") }
  }
}
