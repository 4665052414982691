import Files
import Foundation
import Grids
import Scenes
import TestConcurrency
import TestModels
import TestSupport
import Testing

/// What every tile store promises; each that ships is tested, S3 if `Tests/run.sh` started a server.
@Suite struct TileStoreTests {
  enum Kind: String {
    case folder, memory, s3

    static let tested: [Kind] = [.folder, .memory] + (S3Server.current == nil ? [] : [.s3])
  }

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func store(_ kind: Kind) throws -> any TileStore {
    switch kind {
    case .folder: try FolderTileStore(folder("dem.relief"))
    case .memory: VirtualTileStore(memoryPath("dem.relief"))
    case .s3: VirtualTileStore(try #require(S3Server.current).path())
    }
  }

  private func write(_ text: String, to name: String, in store: any TileStore) throws {
    try store.write(Array(text.utf8).span.bytes, to: name, isDurable: false)
  }

  @Test(arguments: Kind.tested)
  func `objects are read as they were written, and may be written again`(kind: Kind) throws {
    let store = try store(kind)
    #expect(try store.read("coarse/a.tile") == nil && store.list("coarse").isEmpty)
    for text in ["one", "one", "", "two"] {
      try write(text, to: "coarse/a.tile", in: store)
      #expect(try store.read("coarse/a.tile") == Array(text.utf8))
      #expect(try store.list("coarse") == ["a.tile": text.utf8.count])
    }
    try store.remove("coarse/a.tile")
    try store.remove("coarse/a.tile")
    #expect(try store.read("coarse/a.tile") == nil && store.list("coarse").isEmpty)
  }

  @Test(arguments: Kind.tested)
  func `listings are complete and never those of another folder`(kind: Kind) throws {
    let store = try store(kind)
    let count = kind == .s3 ? 250 : 2500
    for number in 0..<count { try write("\(number)", to: "coarse/\(number).tile", in: store) }
    try write("other", to: "coarse-2/x.tile", in: store)
    try write("plan", to: "plan.json", in: store)
    try withGDALSetting("AWS_MAX_KEYS", "100") {
      let found = try store.list("coarse")
      #expect(found.count == count && found["77.tile"] == 2)
      #expect(try store.list("coarse-2") == ["x.tile": 5])
    }
  }

  @Test(arguments: Kind.tested)
  func `clearing removes every object`(kind: Kind) throws {
    let store = try store(kind)
    for name in [
      "plan.json", "overwrite", "coarse/r00000c00001.tile", "coarse/basis",
      "detail-2/r00003c00000.failed", "merge/r00001c00000.tif",
    ] {
      try write("x", to: name, in: store)
    }
    try store.clear()
    #expect(try store.read("plan.json") == nil && store.read("overwrite") == nil)
    #expect(try store.list("coarse").isEmpty && store.list("detail-2").isEmpty)
    try store.clear()
    try write("x", to: "plan.json", in: store)
    try store.remove()
    #expect(try store.read("plan.json") == nil)
  }

  @Test(arguments: Kind.tested)
  func `clearing keeps what is not of a run`(kind: Kind) throws {
    let store = try store(kind)
    for name in ["plan.json", "coarse/r00000c00000.tile", "scene.tif", "coarse/b.tif"] {
      try write("x", to: name, in: store)
    }
    try store.clear()
    try store.remove()
    #expect(try store.read("coarse/r00000c00000.tile") == nil)
    #expect(try store.read("scene.tif") == [120] && store.read("coarse/b.tif") == [120])
  }

  @Test(arguments: Kind.tested)
  func `the same object may be written by many at once`(kind: Kind) async throws {
    let store = try store(kind)
    let bytes = [UInt8](repeating: 7, count: 100_000)
    try await withThrowingTaskGroup { group in
      for _ in 0..<16 {
        group.addTask { try store.write(bytes.span.bytes, to: "coarse/a.tile", isDurable: false) }
      }
      try await group.waitForAll()
    }
    #expect(try store.read("coarse/a.tile") == bytes)
    #expect(try store.list("coarse") == ["a.tile": bytes.count])
  }
}

/// A run whose results are in a store of any kind.
@Suite struct StoredRunTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  /// A store whose `failing`-th call fails, and which delivers every object twice.
  private struct FailingStore: TileStore {
    let store: any TileStore
    let failing: Int
    private let calls = Shared(0)

    init(_ store: any TileStore, failing: Int) { (self.store, self.failing) = (store, failing) }

    var location: String { store.location }

    private func call<Value>(_ body: () throws(FileError) -> Value) throws(FileError) -> Value {
      guard calls.increment() != failing else {
        throw FileError(.write, location, code: EIO, reason: "503 Slow Down")
      }
      return try body()
    }

    func list(_ folder: String) throws(FileError) -> [String: Int] {
      try call { () throws(FileError) in try store.list(folder) }
    }
    func read(_ name: String) throws(FileError) -> [UInt8]? {
      try call { () throws(FileError) in try store.read(name) }
    }
    func write(_ bytes: RawSpan, to name: String, isDurable: Bool) throws(FileError) {
      guard calls.increment() != failing else {
        throw FileError(.write, location, code: EIO, reason: "503 Slow Down")
      }
      try store.write(bytes, to: name, isDurable: isDurable)
      try store.write(bytes, to: name, isDurable: isDurable)
    }
    func remove(_ name: String) throws(FileError) {
      try call { () throws(FileError) in try store.remove(name) }
    }
    func clear() throws(FileError) { try store.clear() }
  }

  private func run(_ name: String, _ store: (any TileStore)?) async throws -> Data {
    let model = BrightnessModel(refiner: BrightnessRefiner(detail: 0.5))
    _ = try await infer(scene, to: folder(name), model: model, store: store)
    return try Data(contentsOf: URL(filePath: folder(name)))
  }

  @Test func `a run in memory writes the same bytes as one in a folder, and leaves nothing`()
    async throws
  {
    let store = VirtualTileStore(memoryPath("dem.relief"))
    #expect(try await run("b.tif", store) == run("a.tif", nil))
    #expect(try store.list("coarse").isEmpty && store.read("plan.json") == nil)
    #expect(try names(in: folder.path) == ["a.qml", "a.tif", "b.qml", "b.tif", "scene.tif"])
  }

  @Test(arguments: sample([1, 2, 3, 7, 12, 20, 33, 54, 70], every: 3))
  func `a run in which one call of the store fails is completed by the same run`(failing: Int)
    async throws
  {
    let store = VirtualTileStore(memoryPath("dem.relief"))
    await #expect {
      _ = try await run("b.tif", FailingStore(store, failing: failing))
    } throws: {
      "\($0)".contains("503 Slow Down")
    }
    #expect(!FileManager.default.fileExists(atPath: folder("b.tif")))
    #expect(try await run("b.tif", store) == run("a.tif", nil))
  }

  @Test func `an object that is damaged during a run is computed again`() async throws {
    let store = VirtualTileStore(memoryPath("dem.relief"))
    let isDone = Shared(0)
    let model = BrightnessModel(refiner: BrightnessRefiner(detail: 0.5))
    let report = try await infer(scene, to: folder("b.tif"), model: model, store: store) { _ in
    } progress: { progress in
      guard case .tiles(.refined, let finished, let total) = progress, finished == total,
        isDone.increment() == 1
      else { return }
      do {
        let name = try "refined/" + #require(store.list("refined").keys.sorted().last)
        var bytes = try #require(try store.read(name))
        bytes[100] ^= 1
        try store.write(bytes.span.bytes, to: name, isDurable: false)
      } catch { Issue.record(error) }
    }
    #expect(report.warnings.contains { $0.contains("damaged") })
    #expect(try await run("a.tif", nil) == Data(contentsOf: URL(filePath: folder("b.tif"))))
  }

  /// A store that notes the names of what is written.
  private struct NotingStore: TileStore {
    let store: any TileStore
    let written = Shared<[String]>([])

    var location: String { store.location }
    func list(_ folder: String) throws(FileError) -> [String: Int] { try store.list(folder) }
    func read(_ name: String) throws(FileError) -> [UInt8]? { try store.read(name) }
    func write(_ bytes: RawSpan, to name: String, isDurable: Bool) throws(FileError) {
      written.set(written.value + [name])
      try store.write(bytes, to: name, isDurable: isDurable)
    }
    func remove(_ name: String) throws(FileError) { try store.remove(name) }
    func clear() throws(FileError) { try store.clear() }
  }

  @Test func `what was measured and solved is stored, and not computed again`() async throws {
    let store = NotingStore(store: VirtualTileStore(memoryPath("dem.relief")))
    let work = Task { [folder, scene] in
      try await infer(
        scene, to: folder("b.tif"), store: store,
        progress: { progress in
          if case .merging = progress { withUnsafeCurrentTask { $0?.cancel() } }
        })
    }
    await #expect(throws: (any Error).self) { _ = try await work.value }
    for stage in ["overview", "overview-overlaps", "overview-scales", "overlaps", "scales"] {
      #expect(store.written.value.contains { $0.hasPrefix(stage + "/r") }, "\(stage)")
    }
    store.written.set([])
    _ = try await infer(scene, to: folder("b.tif"), store: store)
    #expect(store.written.value == ["plan.json"])
  }
}
