import Foundation
import Rasters
import Scenes
import TestSupport
import Testing

/// The command on scenes in an object store.
@Suite(.enabled(if: S3Server.current != nil, Comment(rawValue: S3Server.absence)))
struct RemoteSceneCommandTests {
  /// Neither GDAL's caches nor those of its network file systems hold the scene.
  let relief = Command(
    name: "relief",
    environment: [
      "GDAL_CACHEMAX": "8", "CPL_VSIL_CURL_CHUNK_SIZE": "16384",
      "CPL_VSIL_CURL_CACHE_SIZE": "1048576",
    ])
  let folder: TemporaryFolder
  let server: S3Server

  init() throws {
    folder = try TemporaryFolder()
    server = try #require(S3Server.current)
  }

  @Test func `a scene is fetched once to measure it and once for its tiles`() throws {
    let store = VirtualTileStore(server.path("scenes"))
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: Command.sample)))
    try store.write(bytes.span.bytes, to: "scene.tif", isDurable: true)
    let result = try relief(
      "infer", store.location + "/scene.tif", folder("dem.tif"), "--steps", "0", "--progress",
      "json")
    #expect(result.code == 0, "\(result.errors)")
    let line = try #require(result.output.split(separator: "\n").last { $0.contains("network") })
    let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    let network = try #require(event?["network"] as? [String: Any])
    let fetched = try #require(network["downloadedBytes"] as? Int)
    #expect(fetched >= 2 * bytes.count)
    #expect(Double(fetched) < 2.2 * Double(bytes.count))
    #expect(try #require(network["requests"] as? Int) > 0)
  }
}
