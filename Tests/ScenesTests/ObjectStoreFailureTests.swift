import Files
import Foundation
import Scenes
import TestSupport
import Testing

/// That no failure of an S3 server is taken for a missing object, and that failures which pass are repeated.
@Suite(.enabled(if: S3Server.current != nil, Comment(rawValue: S3Server.absence)))
struct ObjectStoreFailureTests {
  enum Call: String, CaseIterable {
    case read = "GET"
    case list = "LIST"
    case write = "PUT"
    case remove = "DELETE"
  }

  let server: S3Server
  let store: VirtualTileStore
  let bytes = [UInt8](repeating: 7, count: 100_000)

  init() throws {
    server = try #require(S3Server.current)
    store = VirtualTileStore(server.path())
    try store.write(bytes.span.bytes, to: "coarse/a.tile", isDurable: true)
  }

  /// Makes a call, and checks its result.
  private func make(_ call: Call, in store: VirtualTileStore) throws {
    switch call {
    case .read: #expect(try store.read("coarse/a.tile") == bytes)
    case .list: #expect(try store.list("coarse") == ["a.tile": bytes.count])
    case .write: try store.write(bytes.span.bytes, to: "coarse/a.tile", isDurable: true)
    case .remove: try store.remove("coarse/a.tile")
    }
  }

  /// Expects a call to fail with an error that has some words, and that ends in something to type.
  private func expectFailure(
    _ call: Call, in other: VirtualTileStore? = nil, _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) {
      try make(call, in: other ?? store)
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("/vsis3/"), sourceLocation: sourceLocation)
    for word in words + ["expected", "AWS_"] {
      #expect(text.contains(word), "\(text)", sourceLocation: sourceLocation)
    }
  }

  @Test(
    arguments: Call.allCases, ["429", "500", "502", "503", "504", "drop", "reset", "cut", "hang"])
  func `a failure that passes is repeated`(call: Call, how: String) throws {
    try server.fail(store.location, call.rawValue, how, times: 2)
    try withGDALSetting("GDAL_HTTP_TIMEOUT", how == "hang" ? "0.3" : "60") {
      try make(call, in: store)
    }
    let kinds = try server.requests(store.location)
    // The answers to writing and removing have no body that could be cut, and what was removed is not removed again.
    let fails = how == "cut" ? [.read, .list].contains(call) : (call, how) != (.remove, "reset")
    #expect(kinds.count { $0 == call.rawValue } >= (call == .write ? 2 : 1) + (fails ? 2 : 0))
    let isThere = call == .remove ? nil : bytes
    #expect(try store.read("coarse/a.tile") == isThere)
  }

  @Test(arguments: Call.allCases)
  func `a failure that remains is an error after a bounded number of requests`(call: Call) throws {
    try server.fail(store.location, call.rawValue, "503", times: 1000)
    let before = try server.requests(store.location).count { $0 == call.rawValue }
    expectFailure(call, "503 Service Unavailable (SlowDown: the proxy says 503) (tries: 6)")
    #expect(try server.requests(store.location).count { $0 == call.rawValue } == before + 6)
    withGDALSetting("GDAL_HTTP_MAX_RETRY", "1") { expectFailure(call, "503", "tries: 2") }
    #expect(try server.requests(store.location).count { $0 == call.rawValue } == before + 8)
  }

  @Test(arguments: Call.allCases)
  func `refused permission is an error at once`(call: Call) throws {
    try server.fail(store.location, call.rawValue, "403", times: 1000)
    let before = try server.requests(store.location).count { $0 == call.rawValue }
    expectFailure(call, "403 Forbidden (AccessDenied: the proxy says 403)", "AWS_ACCESS_KEY_ID")
    #expect(try server.requests(store.location).count { $0 == call.rawValue } == before + 1)
  }

  @Test(arguments: Call.allCases)
  func `wrong keys, no keys, no bucket and no server are errors`(call: Call) throws {
    withGDALSetting("AWS_SECRET_ACCESS_KEY", "wrong") {
      expectFailure(call, "403 Forbidden (SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY")
    }
    withGDALSetting("AWS_SECRET_ACCESS_KEY", "") {
      withGDALSetting("CPL_AWS_CREDENTIALS_FILE", "/vsimem/none") {
        withGDALSetting("CPL_AWS_AUTODETECT_EC2", "NO") {
          expectFailure(call, "not defined", "expected credentials", "AWS_SECRET_ACCESS_KEY")
        }
      }
    }
    let elsewhere = VirtualTileStore("/vsis3/no-such-bucket/dem.relief")
    expectFailure(call, in: elsewhere, "NoSuchBucket", "an existing bucket")
    withGDALSetting("AWS_S3_ENDPOINT", "127.0.0.1:1") {
      expectFailure(call, "Failed to connect to 127.0.0.1 port 1", "AWS_S3_ENDPOINT")
    }
  }

  @Test(arguments: ["503", "drop", "cut"])
  func `a listing whose later page fails is not a short one`(how: String) throws {
    for number in 0..<25 {
      try store.write(bytes.span.bytes, to: "fine/\(number).tile", isDurable: true)
    }
    try withGDALSetting("AWS_MAX_KEYS", "10") {
      try server.fail(store.location, "LIST", how, skip: 1)
      #expect(try store.list("fine").count == 25)
      try server.fail(store.location, "LIST", how, times: 1000, skip: 2)
      #expect(throws: FileError.self) {
        try withGDALSetting("GDAL_HTTP_MAX_RETRY", "0") { try store.list("fine") }
      }
    }
  }

  @Test func `a body that stays short is an error`() throws {
    try server.fail(store.location, "GET", "cut", times: 1000)
    expectFailure(.read, "transfer closed with 50000 bytes remaining to read")
  }

  @Test func `a request that hangs ends, and a user's settings come before ours`() throws {
    try server.fail(store.location, "PUT", "hang")
    withGDALSetting("GDAL_HTTP_LOW_SPEED_TIME", "1") {
      withGDALSetting("GDAL_HTTP_MAX_RETRY", "0") { expectFailure(.write, "Operation too slow") }
    }
  }

  @Test func `objects that remain after a common request are removed one by one`() throws {
    for how in ["403", "drop"] {
      try store.write(bytes.span.bytes, to: "fine/r0c0.tile", isDurable: true)
      try server.fail(store.location, "POST", how, times: 1000)
      try store.clear()
      #expect(try store.list("fine").isEmpty)
    }
  }

  @Test func `a store that does not answer is not taken for an empty one`() async throws {
    let (folder, scene) = try folderWithScene()
    // A run ends while it writes, so that its plan and some tiles are stored.
    try server.fail(store.location, "PUT", "403", times: 1000, skip: 9)
    await #expect(throws: (any Error).self) {
      _ = try await infer(scene, to: folder("b.tif"), store: store)
    }
    let stored = try store.list("overview")
    #expect(!stored.isEmpty)
    for how in ["403", "503", "drop"] {
      try server.fail(store.location, "GET", how, times: 1000)
      await #expect(throws: (any Error).self) {
        _ = try await infer(scene, to: folder("b.tif"), store: store)
      }
      try server.fail(store.location, "GET", how, times: 0)
      #expect(try store.list("overview") == stored)
    }
  }
}
