import DepthModels
import Foundation
import Grids
import Tensors

/// What a refiner learns from in each view of each tile, encoded once: the autoencoder takes many times what a step does.
struct LatentStore: Sendable {
  /// Of a tile in one view.
  struct Latents {
    let image: Tensor
    let coarse: Tensor
    /// Without voids.
    let truth: Tensor
    /// NaN in cells that see a void.
    let target: Tensor
  }

  let folder: String
  /// Nil where the refiner works on pixels, which nobody keeps.
  let autoencoder: AutoencoderKL?
  let latentScale: Double
  let reader: PairReader
  let maps: CoarseMaps
  let refiner: RefinerTraining

  /// Of a tile as it is, or mirrored.
  ///
  /// - Returns: nil for a tile without a form to learn from.
  /// - Throws: `ModelError` for a file in the folder that holds something else; what reading the tile throws.
  func latents(of tile: TrainingTile, _ turn: Turn) async throws -> Latents? {
    let path =
      folder + "/" + tile.name.asFileName + "-\(TileView.turns.firstIndex(of: turn) ?? 0)"
      + ".safetensors"
    if let sizes = autoencoder?.architecture, FileManager.default.fileExists(atPath: path) {
      let file = try Safetensors(reading: path)
      let shape = Shape([
        1, tile.window.height / sizes.reduction, tile.window.width / sizes.reduction,
        sizes.latentChannels,
      ])
      return Latents(
        image: try file.tensor("image", shape), coarse: try file.tensor("coarse", shape),
        truth: try file.tensor("truth", shape), target: try file.tensor("target", shape))
    }
    guard let shown = try await shown(tile, turn) else { return nil }
    guard let autoencoder else {
      return Latents(
        image: shown.image, coarse: shown.coarse, truth: shown.closedTruth, target: shown.truth)
    }
    func encoded(_ x: Tensor) -> Tensor {
      autoencoder.encode(x).mean.mapped { $0 * Float(latentScale) }
    }
    let truth = encoded(shown.closedTruth)
    let latents = Latents(
      image: encoded(shown.image), coarse: encoded(shown.coarse), truth: truth,
      target: shown.masked(truth, reduction: autoencoder.architecture.reduction))
    try Safetensors.write(
      [
        .init("image", latents.image), .init("coarse", latents.coarse), .init("truth", truth),
        .init("target", latents.target),
      ], to: path)
    return latents
  }

  /// Image, coarse map and truth in pixels.
  ///
  /// - Returns: nil for a tile without a form to learn from.
  func shown(_ tile: TrainingTile, _ turn: Turn = .identity) async throws -> RefinerTile? {
    RefinerTile(
      try await reader.sample(tile).turned(by: turn),
      coarse: try maps.map(of: tile).turned(by: turn),
      imageRange: refiner.imageRange, heightRange: refiner.heightRange)
  }
}
