import Foundation
import Grids
import Scenes
import Synchronization
import TestModels
import TestSupport
import Testing

/// A stored tile is used only if its bytes are intact; a damaged tile is recomputed bit-identically.
@Suite struct DamagedTileTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  enum Damage: CaseIterable { case bit, seal, otherTile, zeros, shorter, note }

  private func run(
    to name: String, progress: @escaping ProgressHandler = { _ in }
  ) async throws -> SceneReport {
    try await infer(
      scene, to: folder(name), model: BrightnessModel(refiner: BrightnessRefiner(detail: 0.5)),
      progress: progress)
  }

  private func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: folder(name)))
  }

  /// Creates the folder of a run that was canceled during refinement.
  private func leaveUnfinished() async throws {
    let work = Task {
      try await run(to: "dem.tif") { progress in
        guard case .tiles(.refined, let finished, _) = progress, finished >= 6 else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }
    await #expect(throws: CancellationError.self) { _ = try await work.value }
  }

  private func damage(_ stage: String, _ kind: Damage) throws {
    let path = folder("dem.relief/\(stage)")
    let files = try names(in: path).filter { $0.hasSuffix(".tile") }
    let file = path + "/" + files[1]
    var data = try Data(contentsOf: URL(filePath: file))
    switch kind {
    case .bit: data[data.count / 2] ^= 1
    case .seal: data[data.count - 9] ^= 1
    case .otherTile: data = try Data(contentsOf: URL(filePath: path + "/" + files[0]))
    case .zeros: data.resetBytes(in: 0..<data.count)
    case .shorter: data.removeLast(100)
    case .note:
      try FileManager.default.removeItem(atPath: file)
      try Data("no valid pixel".utf8).write(
        to: URL(filePath: file.replacing(".tile", with: ".skipped")))
      return
    }
    try data.write(to: URL(filePath: file))
  }

  private static let damages = ["overview", "coarse", "refined"].flatMap { stage in
    Damage.allCases.map { (stage, $0) }
  }

  @Test(arguments: sample(damages, every: 4))
  func `damage between two runs is repaired`(stage: String, damage kind: Damage) async throws {
    _ = try await run(to: "straight.tif")
    try await leaveUnfinished()
    try damage(stage, kind)
    let report = try await run(to: "dem.tif")
    #expect(report.failedTiles.isEmpty && report.holes == 0)
    // A file with a wrong size or without a seal counts as missing from the start. What is needed of the overview is
    // already solved.
    let isDetectedOnReading = ![.shorter, .note].contains(kind) && stage != "overview"
    #expect(report.warnings.contains { $0.contains("damaged") } == isDetectedOnReading)
    #expect(try bytes("dem.tif") == bytes("straight.tif"))
  }

  @Test func `damage that occurs while the output is written is repaired`() async throws {
    _ = try await run(to: "straight.tif")
    let isDone = Atomic(false)
    let report = try await run(to: "dem.tif") { progress in
      guard case .tiles(.refined, let finished, let total) = progress, finished == total,
        !isDone.exchange(true, ordering: .relaxed)
      else { return }
      do { try damage("refined", .bit) } catch { Issue.record(error) }
    }
    #expect(report.warnings.contains { $0.contains("damaged") })
    #expect(try bytes("dem.tif") == bytes("straight.tif"))
  }

  @Test func `tiles of another plan that were copied into the store are ignored`() async throws {
    _ = try await run(to: "straight.tif")
    let store = folder("dem.relief")
    func cancelled(_ stretch: Stretch) async throws {
      let (scene, path) = (scene, folder("dem.tif"))
      let work = Task {
        try await infer(scene, to: path, change: { $0.stretch = stretch }) { progress in
          guard case .tiles(.coarse, let finished, _) = progress, finished >= 6 else { return }
          withUnsafeCurrentTask { $0?.cancel() }
        }
      }
      await #expect(throws: CancellationError.self) { _ = try await work.value }
    }
    try await cancelled(.minMax)
    try FileManager.default.moveItem(atPath: store + "/coarse", toPath: folder("other"))
    try FileManager.default.removeItem(atPath: store)
    try await cancelled(.range(1000, 9000))
    try FileManager.default.removeItem(atPath: store + "/coarse")
    try FileManager.default.moveItem(atPath: folder("other"), toPath: store + "/coarse")
    _ = try await infer(scene, to: folder("dem.tif")) { $0.stretch = .range(1000, 9000) }
    _ = try await infer(scene, to: folder("whole.tif")) { $0.stretch = .range(1000, 9000) }
    #expect(try bytes("dem.tif") == bytes("whole.tif"))
  }
}
