import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// The identity of a scene is determined by its pixels, and that of a plan by the pixels that it produces.
@Suite struct SceneContentTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws { (folder, scene) = try folderWithScene() }

  private func content(_ path: String, bands: [Int]? = nil, rule: ValidityRule = .init())
    async throws
    -> SceneContent
  {
    try await SceneSource(path, bands: bands, validity: rule)
      .measure(.percentile(1, 99), bands: .joint).content
  }

  private func plan(
    _ path: String, bands: [Int]? = nil, rule: ValidityRule = .init(),
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> ScenePlan {
    var options = SceneOptions()
    (options.tileSize, options.overlap) = (64, 16)
    change(&options)
    return try await ScenePlan.make(
      for: SceneSource(path, bands: bands, validity: rule), model: BrightnessModel(),
      options: options)
  }

  /// Writes the fixture with changes to its packing or its content.
  private func variant(_ name: String, _ change: (inout SceneFixture) -> Void) throws -> String {
    var fixture = try SceneFixture()
    change(&fixture)
    try fixture.write(to: folder(name))
    return folder(name)
  }

  @Test(arguments: [
    ["TILED": "YES", "BLOCKXSIZE": "16", "BLOCKYSIZE": "16"],
    ["TILED": "YES", "BLOCKXSIZE": "48", "BLOCKYSIZE": "80", "COMPRESS": "DEFLATE"],
    ["BLOCKYSIZE": "7"], ["INTERLEAVE": "BAND", "BLOCKYSIZE": "220"],
  ])
  func `content and plan do not depend on how a scene is packed`(
    options: [String: String]
  ) async throws {
    let other = try variant("other.tif") { $0.options = options }
    #expect(try await content(other) == content(scene))
    #expect(try await plan(other).hash == plan(scene).hash)
  }

  @Test func `content does not depend on sample type, nodata value, driver or band order`()
    async throws
  {
    let float = try variant("float.tif") { ($0.type, $0.noData) = ("Float32", -9999) }
    #expect(try await content(float) == content(scene))
    var fixture = try SceneFixture()
    fixture.noData = 65535
    try fixture.write(to: folder("scene.img"), driver: "HFA")
    let hfa = try SceneSource(folder("scene.img"), bands: [1, 2, 3])
    #expect(hfa.information.driver == "HFA")
    let georeferencing = try Dataset(reading: scene).georeferencing
    if hfa.information.georeferencing.crs?.authority == georeferencing.crs?.authority {
      #expect(try await plan(folder("scene.img"), bands: [1, 2, 3]).hash == plan(scene).hash)
    }
    let turned = try makeRaster(
      at: folder("bgr.tif"), width: 300, height: 220,
      bands: [3, 2, 1].map { band in
        try Dataset(reading: scene).read(
          Window(column: 0, row: 0, width: 300, height: 220), band: band)
      }, type: "UInt16"
    ) {
      try $0.setGeoreferencing(georeferencing)
      try $0.setNoData(65535, band: 1)
    }
    #expect(try await plan(turned, bands: [3, 2, 1]).hash == plan(scene).hash)
    #expect(try await plan(turned, bands: [1, 2, 3]).hash != plan(scene).hash)
  }

  @Test func `a changed pixel, hole, size or position changes the content`() async throws {
    let original = try await content(scene)
    let changes: [(inout SceneFixture) -> Void] = [
      { $0.isVoid = { $0 + $1 < 40 || ($0, $1) == (219, 299) } },
      { $0.isVoid = { $0 + $1 < 40 && ($0, $1) != (3, 3) } }, { $0.height += 1 },
      { $0.georeferencing.geoTransform?.originX += 30 },
      { $0.georeferencing.geoTransform?.columnX = 29 },
      { $0.georeferencing.crs = try? CRS("EPSG:32634") },
    ]
    for (number, change) in changes.enumerated() {
      #expect(try await content(variant("\(number).tif", change)) != original)
    }
    var dataset = try Dataset(
      creating: folder("one.tif"), width: 300, height: 220, bands: 3, type: "UInt16")
    let source = try Dataset(reading: scene)
    try dataset.setGeoreferencing(source.georeferencing)
    try dataset.setNoData(65535, band: 1)
    for band in 1...3 {
      var values = try source.read(source.grid.window, band: band)
      if band == 2 { values[151 * 300 + 77] += 1 }
      try dataset.write(dataset.grid.window, band: band, values.span)
    }
    try dataset.close()
    #expect(try await content(folder("one.tif"), bands: [1, 2, 3]) != original)
  }

  /// The radiometry is measured on at most two million pixels, but every pixel of a larger scene affects the content.
  @Test func `every pixel of a scene measured on every third row and column counts`() async throws {
    let row = (0..<4000).map { Float($0 % 251) }
    let values = [[Float]](repeating: row, count: 2500).flatMap(\.self)
    func make(_ name: String, odd: Int?) throws -> String {
      var values = values
      if let odd { values[odd] += 1 }
      return try makeRaster(
        at: folder(name), width: 4000, height: 2500, bands: [values], type: "Byte",
        options: ["COMPRESS": "DEFLATE", "TILED": "YES"])
    }
    let source = try SceneSource(make("a.tif", odd: nil))
    let first = try await source.measure(.percentile(1, 99), bands: .joint)
    #expect(first.radiometry.step > 1)
    #expect(try await content(make("b.tif", odd: nil)) == first.content)
    // Neither its row nor its column is sampled.
    #expect(try await content(make("c.tif", odd: 4000 * 1000 + 1)) != first.content)
  }

  @Test func `a hole of a mosaic is equal to the nodata that it represents`() async throws {
    let whole = try makeRaster(
      at: folder("whole.tif"), width: 700, height: 600,
      bands: [
        (0..<420_000).map { pixel in
          let (row, column) = pixel.quotientAndRemainder(dividingBy: 700)
          return row < 70 && column < 70 ? Float(1 + pixel % 200) : 0
        }
      ], type: "Byte"
    ) { try $0.setNoData(0, band: 1) }
    try """
    <VRTDataset rasterXSize="700" rasterYSize="600"><VRTRasterBand dataType="Byte" band="1">
    <NoDataValue>0</NoDataValue><SimpleSource><SourceFilename>\(whole)</SourceFilename>
    <SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="70" ySize="70"/>
    <DstRect xOff="0" yOff="0" xSize="70" ySize="70"/></SimpleSource></VRTRasterBand></VRTDataset>
    """.write(toFile: folder("part.vrt"), atomically: true, encoding: .utf8)
    #expect(try await content(folder("part.vrt")) == content(whole))
  }

  @Test func `path, modification time and names of options do not affect the plan's hash`()
    async throws
  {
    let copy = folder("copy.tif")
    try FileManager.default.copyItem(atPath: scene, toPath: copy)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: copy)
    let (a, b) = (try await plan(scene), try await plan(copy))
    #expect(try a.hash == b.hash)
    #expect(a != b, "each plan contains the path of its scene")
    #expect(try await plan(scene, bands: [1, 2, 3]).hash == a.hash)
    // The same limits, given as a range.
    let limits = Stretch.range(Double(a.radiometry.low[0]), Double(a.radiometry.high[0]))
    #expect(try await plan(scene) { $0.stretch = limits }.hash == a.hash)
  }

  @Test func `every option that changes pixels changes the plan`() async throws {
    let changes: [(inout SceneOptions) -> Void] = [
      { _ in }, { $0.tileSize = 96 }, { $0.overlap = 32 }, { $0.quantity = .depth },
      { $0.stretch = .range(0, 9999) }, { $0.gsd = .meters(45) }, { $0.shiftsTiles = true },
      { $0.area = .window(Window(column: 9, row: 9, width: 90, height: 90)) },
      { $0.normalization = .perTile },
    ]
    var hashes: Set<String> = []
    for change in changes { hashes.insert(try await plan(scene, change: change).hash) }
    #expect(hashes.count == changes.count)
    #expect(try await !hashes.contains(plan(scene, rule: ValidityRule(declared: [5000])).hash))
  }

  @Test func `an interrupted run resumes with the same scene from another path`() async throws {
    let store = try RunStore(
      FolderTileStore(folder("dem.relief")), plan: await plan(scene), replacing: false)
    let count = 64 * 64
    let tile = try await #require(plan(scene).working.wanted.first)
    try store.commit([Float](repeating: 1, count: count), of: tile, in: .coarse)
    let copy = folder("copy.tif")
    try FileManager.default.copyItem(atPath: scene, toPath: copy)
    let again = try await plan(copy)
    #expect(try RunStore.isUnfinished(again, in: FolderTileStore(reading: folder("dem.relief"))))
  }

  @Test func `a scene that has changed is rejected with the name of its file`() async throws {
    _ = try RunStore(
      FolderTileStore(folder("dem.relief")), plan: await plan(scene), replacing: false)
    var fixture = try SceneFixture()
    fixture.isVoid = { _, column in column < 9 }
    try fixture.write(to: scene)
    let changed = try await plan(scene)
    let error = #expect(throws: SceneError.self) {
      _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: changed, replacing: false)
    }
    let message = try #require(error?.message)
    #expect(message.contains("\(scene) (was ") && message.contains("--overwrite"))
  }

  @Test func `a plan with an earlier layout is rejected with the way to continue`() async throws {
    _ = try RunStore(
      FolderTileStore(folder("dem.relief")), plan: await plan(scene), replacing: false)
    let file = folder("dem.relief/plan.json")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let early = text.replacing("\"layout\" : 4", with: "\"layout\" : 1")
    #expect(early != text)
    try early.write(toFile: file, atomically: true, encoding: .utf8)
    let plan = try await plan(scene)
    let error = #expect(throws: SceneError.self) {
      _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: false)
    }
    #expect(error?.message.contains("--overwrite") == true)
    _ = try RunStore(FolderTileStore(folder("dem.relief")), plan: plan, replacing: true)
  }

  @Test func `the output's tags contain the digest of the scene's content`() async throws {
    _ = try await infer(scene, to: folder("dem.tif"))
    let tags = try Dataset(reading: folder("dem.tif")).metadata()
    #expect(try await tags["RELIEF_SCENE_SHA256"] == content(scene).sha256)
  }
}
