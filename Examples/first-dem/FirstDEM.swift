import DepthModels
import Rasters
import Scenes

/// Computes a height raster with a few lines of the API: `first-dem SCENE DEM`.
@main struct FirstDEM {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else { return print("usage: first-dem SCENE DEM") }

    let scene = try SceneSource(arguments[1])
    let model = try D3RSMDE(.locate(nil))
    let plan = try await ScenePlan.make(for: scene, model: model, options: SceneOptions())
    let run = try SceneRun(plan, scene: scene, model: model, output: OutputOptions(arguments[2]))
    let report = try await run()

    print(report.output.path, report.tilesDone, "tiles")
  }
}
