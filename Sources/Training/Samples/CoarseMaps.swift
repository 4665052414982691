import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A disk cache of coarse maps: the coarse networks' output for the tiles that the refiner is trained on.
struct CoarseMaps: Sendable {
  let folder: String
  let architecture: CoarseArchitecture
  let reader: PairReader

  /// Computes the maps that are not cached yet.
  ///
  /// - Parameters:
  ///   - tiles: The tiles to process.
  ///   - weights: The path of the coarse network's weights.
  ///   - progress: Called with the number of finished tiles.
  /// - Throws: `ModelError` if the weights do not match the architecture or a map cannot be written.
  func make(
    _ tiles: [TrainingTile], by weights: String, _ progress: (Int) -> Void
  ) async throws {
    var network: DPT?
    for (index, tile) in tiles.enumerated() {
      try Task.checkCancellation()
      let path = path(of: tile)
      if !FileManager.default.fileExists(atPath: path) {
        let dpt = try network ?? DPT(Weights(try Safetensors(reading: weights)), architecture)
        network = dpt
        let image = try await reader.sample(tile).image
        let map = dpt(architecture.normalization.applied(to: image)).minMaxNormalized()
        try Safetensors.write([.init("map", map)], to: path)
      }
      progress(index + 1)
    }
  }

  /// Reads the cached map of a tile, `[1, row, column, 1]`, min–max normalized to 0…1.
  ///
  /// - Throws: `ModelError` if the file is missing or holds a tensor of another shape.
  func map(of tile: TrainingTile) throws -> Tensor {
    try Safetensors(reading: path(of: tile))
      .tensor("map", [1, tile.window.height, tile.window.width, 1])
  }

  private func path(of tile: TrainingTile) -> String {
    folder + "/" + tile.name.fileNameSafe + ".safetensors"
  }
}

extension String {
  /// The string as a file name: unsafe characters become `_`, and a hash suffix keeps the results distinct.
  var fileNameSafe: String {
    let plain = String(map { $0.isLetter || $0.isNumber || "-_.,@".contains($0) ? $0 : "_" })
    var generator = SplitMix64(seed: 0, name: self)
    let hash = String(generator.next() >> 32, radix: 16)
    return String(plain.suffix(100)) + "-" + hash
  }
}
