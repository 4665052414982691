import DepthModels
import Foundation
import Rasters
import Scenes
import Synchronization
import Tensors
import TestModels
import TestSupport
import Testing

/// A scene that is changed while it is read never gives an output that mixes both versions.
@Suite struct ChangedSceneTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func expectError(
    _ file: String, of path: String, change: @escaping @Sendable () throws -> Void
  )
    async throws
  {
    for call in [0, 3, 20] {
      try SceneFixture().write(to: scene)
      let model = SceneChangingModel(at: call, change: change)
      let error = await #expect(throws: SceneError.self) {
        _ = try await infer(path, to: folder("dem.tif"), model: model, overwriting: true) {
          $0.threads = 1
        }
      }
      #expect(error?.kind == .io)
      #expect(error?.message.contains("changed while it was read: \(file) (was ") == true)
      #expect(!FileManager.default.fileExists(atPath: folder("dem.tif")))
    }
  }

  @Test func `a scene overwritten in place at any time is rejected`() async throws {
    var other = try SceneFixture()
    other.isVoid = { row, _ in row < 30 }
    try other.write(to: folder("other.tif"))
    let (from, to) = (folder("other.tif"), scene)
    try await expectError(scene, of: scene) {
      let file = try FileHandle(forWritingTo: URL(filePath: to))
      try file.write(contentsOf: Data(contentsOf: URL(filePath: from)))
      try file.close()
    }
  }

  @Test func `a changed source below two VRTs is rejected`() async throws {
    let bands = [(1, "Red"), (2, "Green"), (3, "Blue")]
    for (name, source) in [("inner.vrt", "scene.tif"), ("outer.vrt", "inner.vrt")] {
      let elements = bands.map { number, color in
        """
        <VRTRasterBand dataType="UInt16" band="\(number)"><ColorInterp>\(color)</ColorInterp><SimpleSource>
        <SourceFilename relativeToVRT="1">\(source)</SourceFilename><SourceBand>\(number)</SourceBand>
        </SimpleSource></VRTRasterBand>
        """
      }
      try "<VRTDataset rasterXSize=\"300\" rasterYSize=\"220\">\(elements.joined())</VRTDataset>"
        .write(toFile: folder(name), atomically: true, encoding: .utf8)
    }
    let scene = scene
    try await expectError(scene, of: folder("outer.vrt")) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scene)
    }
  }

  @Test func `a scene with only a new modification date resumes after the error`() async throws {
    let scene = scene
    let model = SceneChangingModel(at: 3) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scene)
    }
    await #expect(throws: SceneError.self) {
      _ = try await infer(scene, to: folder("dem.tif"), model: model)
    }
    _ = try await infer(scene, to: folder("dem.tif"), model: model)
    _ = try await infer(scene, to: folder("straight.tif"), model: model)
    #expect(try pixels(folder("dem.tif")) == pixels(folder("straight.tif")))
  }
}

/// A brightness model that runs a closure at one call, counted from 0.
private struct SceneChangingModel: TileModel {
  let brightness = BrightnessModel()
  let number: Int
  let change: @Sendable () throws -> Void
  private let calls = Counter()

  init(at number: Int, change: @escaping @Sendable () throws -> Void) {
    (self.number, self.change) = (number, change)
  }

  private final class Counter: Sendable { let count = Atomic(0) }

  var card: ModelCard { brightness.card }
  var identity: String { brightness.identity }
  var sizeMultiple: Int { brightness.sizeMultiple }
  func peakBytes(rows: Int, columns: Int) -> Int {
    brightness.peakBytes(rows: rows, columns: columns)
  }

  func coarseHeight(of image: Tensor) throws -> Tensor {
    if calls.count.add(1, ordering: .relaxed).oldValue == number { try change() }
    return brightness.coarseHeight(of: image)
  }
}
