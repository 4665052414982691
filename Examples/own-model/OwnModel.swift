import DepthModels
import Foundation
import Rasters
import Scenes
import Tensors

/// A custom model: three 3 × 3 convolutions, with the tensors `0.weight` … `2.bias` of a safetensors file.
struct OwnModel: TileModel {
  let card = ModelCard(
    name: "own", summary: "three convolutions", licence: "yours", gsdInMeters: 5...120,
    tileSize: 256, overlap: 64, surface: "mixed")
  let identity: String
  let sizeMultiple = 1
  private let layers: [(kernel: Tensor, bias: Tensor)]

  init(_ file: Safetensors) throws {
    identity = try file.sha256
    let weights = Weights(file)
    layers = try [(3, 16), (16, 16), (16, 1)].enumerated().map { layer, channels in
      let kernel = try weights[layer].tensor("weight", [3, 3, channels.0, channels.1])
      return (kernel, try weights[layer].tensor("bias", [channels.1]))
    }
  }

  func coarseHeight(of image: Tensor) -> Tensor {
    layers.reduce(image) {
      $0.convolved(with: $1.kernel, bias: $1.bias, padding: .same, activation: .relu)
    }
  }

  func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 2 * 16 * 4 }
}

@main struct Main {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else { return print("usage: own-model WEIGHTS SCENE DEM") }
    let model = try OwnModel(Safetensors(reading: arguments[1]))
    let scene = try SceneSource(arguments[2])
    let plan = try await ScenePlan.make(for: scene, model: model, options: SceneOptions())
    let run = try SceneRun(plan, scene: scene, model: model, output: OutputOptions(arguments[3]))
    let report = try await run()
    print(report.output.path)
    guard report.holes == 0, report.failedTiles.isEmpty else { exit(65) }
  }
}
