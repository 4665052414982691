import DepthModels
import Foundation
import Grids
package import Tensors

/// A disk cache of the refiner's inputs for each orientation of each tile, because encoding takes many times as long as
/// a step.
package struct LatentStore: Sendable {
  /// The tensors of a tile in one orientation.
  package struct Latents {
    package let image: Tensor
    package let coarse: Tensor
    /// The encoded truth, with voids filled.
    let truth: Tensor
    /// The training target: NaN in latent cells that cover a void.
    package let target: Tensor
  }

  let folder: String
  /// Nil if the refiner works on pixels; nothing is cached in that case.
  let autoencoder: AutoencoderKL?
  let latentScale: Double
  package let reader: PairReader
  let maps: CoarseMaps
  let refiner: RefinerTraining

  /// Returns the latents of a tile, in its own or a mirrored orientation.
  ///
  /// - Returns: Nil for a tile without usable relief.
  /// - Throws: `ModelError` if a cached file holds other tensors; errors from reading the tile.
  package func latents(of tile: TrainingTile, _ turn: SquareSymmetry) async throws -> Latents? {
    let path =
      folder + "/" + tile.name.fileNameSafe + "-\(TileView.turns.firstIndex(of: turn) ?? 0)"
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
        image: shown.image, coarse: shown.coarse, truth: shown.filledTruth, target: shown.truth)
    }
    func encoded(_ x: Tensor) -> Tensor {
      autoencoder.encode(x).mean.mapped { $0 * Float(latentScale) }
    }
    let truth = encoded(shown.filledTruth)
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

  /// Returns image, coarse map and truth in pixels.
  ///
  /// - Returns: Nil for a tile without usable relief.
  func shown(_ tile: TrainingTile, _ turn: SquareSymmetry = .identity) async throws -> RefinerTile?
  {
    RefinerTile(
      try await reader.sample(tile).turned(by: turn),
      coarse: try maps.map(of: tile).turned(by: turn),
      imageRange: refiner.imageRange, heightRange: refiner.heightRange)
  }
}
