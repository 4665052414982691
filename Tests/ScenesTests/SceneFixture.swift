import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport
import Testing

/// A configurable, georeferenced scene of smooth hills with texture.
struct SceneFixture {
  var width = 300
  var height = 220
  var bands = 3
  var type = "UInt16"
  var noData: Double? = 65535
  /// The GDAL creation options.
  var options: [String: String] = [:]
  var georeferencing = Georeferencing(
    geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, -30]))
  /// Whether a pixel holds nodata in all bands.
  var isVoid: (_ row: Int, _ column: Int) -> Bool = { row, column in row + column < 40 }

  static let utm = "EPSG:32633"

  init() throws { georeferencing.crs = try CRS(Self.utm) }

  /// Returns a sample between 1,000 and 9,000 that is the same in all bands except for a small offset.
  static func sample(_ row: Int, _ column: Int, _ band: Int) -> Float {
    let hills = sin(Double(row) / 23) * cos(Double(column) / 31) * 3000
    let texture = Double((row * 7919 + column * 104_729) % 601)
    return Float((5000 + hills + texture + Double(band) * 50).rounded())
  }

  func write(to path: String, driver: String = "GTiff") throws {
    var dataset = try Dataset(
      creating: path, driver: driver, width: width, height: height, bands: bands, type: type,
      options: options)
    try dataset.setGeoreferencing(georeferencing)
    let whole = Window(column: 0, row: 0, width: width, height: height)
    let colors: [ColorInterpretation] = [.red, .green, .blue]
    // The color interpretation of a GeoTIFF cannot be set after blocks have been written.
    for band in 1...bands {
      if bands == 3 { try dataset.setColorInterpretation(colors[band - 1], band: band) }
      if let noData { try dataset.setNoData(noData, band: band) }
    }
    for band in 1...bands {
      let values = (0..<height).flatMap { row in
        (0..<width).map { column in
          isVoid(row, column) ? Float(noData ?? 0) : Self.sample(row, column, band)
        }
      }
      try dataset.write(whole, band: band, values.span)
    }
    try dataset.close()
  }
}

/// Creates a temporary folder with the fixture's scene.
func folderWithScene() throws -> (TemporaryFolder, scene: String) {
  let folder = try TemporaryFolder()
  try SceneFixture().write(to: folder("scene.tif"))
  return (folder, folder("scene.tif"))
}

/// Runs a plan with a network whose output is known, and returns the report.
func infer(
  _ scenePath: String, to path: String, model: any TileModel = BrightnessModel(),
  bands: [Int]? = nil, overwriting: Bool = false, telling confidence: Set<ConfidenceRaster> = [],
  change: (inout SceneOptions) -> Void = { _ in },
  progress: @escaping ProgressHandler = { _ in }
) async throws -> SceneReport {
  var options = SceneOptions()
  options.tileSize = 64
  options.overlap = 16
  options.memory = 1 << 30
  change(&options)
  let scene = try SceneSource(scenePath, bands: bands)
  let plan = try await ScenePlan.make(for: scene, model: model, options: options)
  var output = OutputOptions(path)
  output.overwrites = overwriting
  output.confidence = confidence
  let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
  return try await run(progress: progress)
}

/// Reads all pixels of a single-band raster as `[row, column]`.
func pixels(_ path: String) throws -> [Float] {
  let dataset = try Dataset(reading: path)
  return try dataset.read(dataset.grid.window, band: 1)
}
