import Files
import Foundation
import Scenes
import TestConcurrency
import TestModels
import TestSupport
import Testing

/// How often a tile store asks an S3 server, and that it never answers from memory.
@Suite(.enabled(if: S3Server.current != nil, Comment(rawValue: S3Server.absence)))
struct ObjectStoreTests {
  let server: S3Server
  let store: VirtualTileStore

  init() throws {
    server = try #require(S3Server.current)
    store = VirtualTileStore(server.path())
  }

  private func write(_ text: String, to name: String) throws {
    try store.write(Array(text.utf8).span.bytes, to: name, isDurable: false)
  }

  private func text(_ name: String) throws -> String? {
    try store.read(name).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(arguments: [0, 1, 5_000_000])
  func `an object is written by one request and read by one`(size: Int) throws {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try store.write(bytes.span.bytes, to: "coarse/a.tile", isDurable: true)
    #expect(try store.read("coarse/a.tile") == bytes)
    #expect(try server.requests(store.location) == ["PUT", "GET"])
  }

  @Test func `a missing object costs one request`() throws {
    #expect(try store.read("plan.json") == nil)
    #expect(try server.requests(store.location) == ["GET"])
  }

  @Test func `a listing costs one request for each page`() throws {
    for number in 0..<25 { try write("x", to: "coarse/\(number).tile") }
    #expect(try store.list("coarse").count == 25)
    #expect(try store.list("nothing").isEmpty)
    let listed = try withGDALSetting("AWS_MAX_KEYS", "10") { try store.list("coarse") }
    #expect(listed.count == 25)
    #expect(
      try server.requests(store.location).filter { $0 != "PUT" }
        == .init(repeating: "LIST", count: 5))
  }

  @Test func `an object is removed by two requests, and many by few`() throws {
    try write("x", to: "coarse/a.tile")
    try store.remove("coarse/a.tile")
    #expect(try server.requests(store.location) == ["PUT", "GET", "DELETE"])
    for number in 0..<25 { try write("x", to: "coarse/r0c\(number).tile") }
    try write("x", to: "plan.json")
    try store.clear()
    #expect(
      try server.requests(store.location).suffix(5) == ["GET", "DELETE", "LIST", "POST", "LIST"])
  }

  @Test func `what another process changes is seen at once`() throws {
    let name = "coarse/a.tile", path = "\(store.location)/\(name)"
    // Each answer that GDAL might keep: missing, empty listing, contents, size.
    for expected in ["one", nil, "twice as long", "three", nil, ""] {
      _ = fileSize(path)  // GDAL keeps it
      #expect(try server.change(path, to: expected))
      #expect(try text(name) == expected)
      #expect(try store.list("coarse") == (expected.map { ["a.tile": $0.utf8.count] } ?? [:]))
    }
    try store.remove(name)
    #expect(try server.change(path, to: "again"))
    #expect(try text(name) == "again")
    try write("mine", to: name)
    #expect(try server.change(path, to: "theirs"))
    #expect(try text(name) == "theirs")
    #expect(try server.change(path, to: nil))
    try store.remove(name)
    #expect(try store.list("coarse").isEmpty)
  }

  @Test func `a missing object is not missing for other users of GDAL`() throws {
    #expect(try text("coarse/a.tile") == nil)
    try store.remove("coarse/a.tile")
    let path = "\(store.location)/coarse/a.tile"
    #expect(try server.change(path, to: "one"))
    #expect(fileSize(path) == 3)
  }

  @Test func `an answer to another thread is not an answer to this one`() async throws {
    // All ask for the same object, and one changes it: what the others were told before must not be its answer.
    let (store, server) = (store, server)
    try await withThrowingTaskGroup { group in
      for number in 0..<8 {
        group.addTask {
          for round in 0..<10 {
            let name = "coarse/\(round).tile"
            _ = try store.read(name)
            if number == 0 { #expect(try server.change("\(store.location)/\(name)", to: "x")) }
            if number == 0 { #expect(try store.read(name) == [120]) }
          }
        }
      }
      try await group.waitForAll()
    }
  }

  @Test func `an allowed extension of scenes does not hide objects`() throws {
    try write("x", to: "coarse/a.tile")
    let found = try withGDALSetting("CPL_VSIL_CURL_ALLOWED_EXTENSIONS", ".tif") {
      try text("coarse/a.tile")
    }
    #expect(found == "x")
  }

  @Test func `a run in S3 writes the same bytes as one in a folder, and leaves nothing`()
    async throws
  {
    let (folder, scene) = try folderWithScene()
    let model = BrightnessModel(refiner: BrightnessRefiner(detail: 0.5))
    _ = try await infer(scene, to: folder("a.tif"), model: model)
    // Every kind of request fails sometimes, also for so long that only the same run completes it.
    for (kind, how, skip) in [
      ("PUT", "503", 3), ("PUT", "reset", 7), ("GET", "cut", 2), ("LIST", "500", 1),
    ] {
      try server.fail(store.location, kind, how, skip: skip)
    }
    try server.fail(store.location, "PUT", "503", times: 1000, skip: 12)
    await #expect {
      _ = try await infer(scene, to: folder("b.tif"), model: model, store: store)
    } throws: {
      "\($0)".contains("503 Service Unavailable")
    }
    #expect(try !store.list("overview").isEmpty)
    try server.fail(store.location, "PUT", "503", times: 0)
    _ = try await infer(scene, to: folder("b.tif"), model: model, store: store)
    let outputs = try ["a.tif", "b.tif"].map { try Data(contentsOf: URL(filePath: folder($0))) }
    #expect(outputs[0] == outputs[1])
    #expect(try store.list("coarse").isEmpty && store.read("plan.json") == nil)
  }
}
