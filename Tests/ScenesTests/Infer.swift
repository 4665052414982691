import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport

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
  store: (any TileStore)? = nil,
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
  output.store = store
  let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
  return try await run(progress: progress)
}

/// Reads all pixels of a single-band raster as `[row, column]`.
func pixels(_ path: String) throws -> [Float] {
  let dataset = try Dataset(reading: path)
  return try dataset.read(dataset.grid.window, band: 1)
}
