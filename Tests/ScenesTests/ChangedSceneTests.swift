import DepthModels
import Foundation
import Rasters
import Scenes
import Synchronization
import Tensors
import TestModels
import TestSupport
import Testing

/// A scene that is overwritten while it is read never becomes a mixture under the name of a result.
@Suite struct ChangedSceneTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    try SceneFixture().write(to: scene)
  }

  private func expectRefusal(
    _ file: String, of path: String, change: @escaping @Sendable () throws -> Void
  )
    async throws
  {
    for call in [0, 3, 20] {
      try SceneFixture().write(to: scene)
      let model = Meddler(at: call, change: change)
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

  @Test func `overwritten in place, whenever it happens`() async throws {
    var other = try SceneFixture()
    other.isVoid = { row, _ in row < 30 }
    try other.write(to: folder("other.tif"))
    let (from, to) = (folder("other.tif"), scene)
    try await expectRefusal(scene, of: scene) {
      let file = try FileHandle(forWritingTo: URL(filePath: to))
      try file.write(contentsOf: Data(contentsOf: URL(filePath: from)))
      try file.close()
    }
  }

  @Test func `a source below two VRTs`() async throws {
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
    try await expectRefusal(scene, of: folder("outer.vrt")) {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: scene)
    }
  }

  @Test func `a scene that was touched but shows the same goes on after the refusal`() async throws
  {
    let scene = scene
    let model = Meddler(at: 3) {
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

/// Brightness, with something done to the world at the n-th call.
private struct Meddler: TileModel {
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
