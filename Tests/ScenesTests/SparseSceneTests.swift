import Foundation
import Grids
import Rasters
import Scenes
import Synchronization
import TestModels
import TestSupport
import Testing

/// The empty parts of a mosaic cost no time and no space.
@Suite struct SparseSceneTests {
  let folder: TemporaryFolder
  let mosaic: String

  /// Writes a mosaic of 40,000 × 40,000 pixels, of which only 160 × 140 exist.
  init() throws {
    folder = try TemporaryFolder()
    mosaic = folder("huge.vrt")
    try makeRaster(
      at: folder("part.tif"), width: 160, height: 140,
      bands: (1...3).map { band in
        (0..<140).flatMap { row in
          (0..<160).map { SceneFixture.sample(row, $0, band) }
        }
      }, type: "UInt16")
    let elements = [(1, "Red"), (2, "Green"), (3, "Blue")].map { number, color in
      """
      <VRTRasterBand dataType="UInt16" band="\(number)"><NoDataValue>0</NoDataValue>
      <ColorInterp>\(color)</ColorInterp><SimpleSource>
      <SourceFilename relativeToVRT="1">part.tif</SourceFilename><SourceBand>\(number)</SourceBand>
      <SrcRect xOff="0" yOff="0" xSize="160" ySize="140"/>
      <DstRect xOff="20011" yOff="19997" xSize="160" ySize="140"/></SimpleSource></VRTRasterBand>
      """
    }
    try """
    <VRTDataset rasterXSize="40000" rasterYSize="40000"><SRS>EPSG:32618</SRS>
    <GeoTransform>100000,30,0,3400000,0,-30</GeoTransform>\(elements.joined())</VRTDataset>
    """.write(toFile: mosaic, atomically: true, encoding: .utf8)
  }

  private func plan(_ change: (inout SceneOptions) -> Void = { _ in }) async throws -> ScenePlan {
    var options = SceneOptions()
    options.memory = 4 << 30
    change(&options)
    return try await ScenePlan.make(
      for: SceneSource(mosaic), model: BrightnessModel(), options: options)
  }

  @Test func `only tiles with pixels are planned and included in the forecast`() async throws {
    let plan = try await plan()
    #expect((1...9).contains(plan.working.wanted.count))
    #expect((1...9).contains(plan.overview?.wanted.count ?? 0))
    #expect(plan.emptyTileCount + plan.outputTiles.count > 10_000)
    let resources = try Resources(for: plan, model: BrightnessModel(), options: SceneOptions())
    let forecast = Forecast(plan, model: BrightnessModel(), resources: resources)
    #expect(forecast.tiles == plan.working.wanted.count && forecast.disk < 100 << 20)
    #expect(plan.radiometry.count > 0)
  }

  @Test func `a run over a part writes exactly the pixels of the small scene`() async throws {
    let window = Window(column: 19_000, row: 19_500, width: 2000, height: 1000)
    let report = try await infer(mosaic, to: folder("dem.tif")) {
      ($0.tileSize, $0.overlap) = (512, 128)
      $0.area = .window(window)
    }
    #expect(report.validPixels == 160 * 140 && report.holes == 0 && report.tilesSkipped > 0)
    let output = try Dataset(reading: folder("dem.tif"))
    let pixels = try output.read(output.grid.window, bands: [1])
    #expect(pixels.isValid.count { $0 } == 160 * 140)
    let first = try #require(pixels.isValid.firstIndex(of: true))
    #expect(first == (19_997 - 19_500) * 2000 + 20_011 - 19_000)
  }

  @Test func `an area without pixels is rejected before any file is created`() async throws {
    let error = await #expect(throws: SceneError.self) {
      _ = try await infer(mosaic, to: folder("dem.tif")) {
        $0.area = .window(Window(column: 0, row: 0, width: 1000, height: 1000))
      }
    }
    #expect(error?.kind == .badData && error?.message.contains("0,0,1000,1000") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
  }

  @Test func `measuring reports its progress`() async throws {
    let shares = Mutex<[Double]>([])
    _ = try await ScenePlan.make(
      for: SceneSource(mosaic), model: BrightnessModel(), options: SceneOptions()
    ) { share in shares.withLock { $0.append(share) } }
    let said = shares.withLock { $0 }
    #expect(said.count > 10 && said == said.sorted() && said.last == 1)
  }
}
