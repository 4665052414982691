import Foundation
import Rasters
import Scenes
import TestSupport
import Testing

/// Scenes in an object store.
@Suite(.enabled(if: S3Server.current != nil, Comment(rawValue: S3Server.absence)))
struct RemoteSceneTests {
  @Test func `a remote scene gives the pixels of a local one, and what it costs is counted`()
    async throws
  {
    let server = try #require(S3Server.current)
    let (folder, scene) = try folderWithScene()
    let store = VirtualTileStore(server.path("scenes"))
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: scene)))
    try store.write(bytes.span.bytes, to: "scene.tif", isDurable: true)
    let before = NetworkTransfer.total
    _ = try await infer(scene, to: folder("local.tif"))
    _ = try await infer(store.location + "/scene.tif", to: folder("remote.tif"))
    #expect(try pixels(folder("remote.tif")) == pixels(folder("local.tif")))
    let after = try #require(NetworkTransfer.total)
    #expect(after.requests > before?.requests ?? 0)
    // Each block is fetched once: it stays in GDAL's cache, which is larger than the scene.
    let fetched = after.downloaded - (before?.downloaded ?? 0)
    #expect(fetched >= bytes.count)
  }
}
