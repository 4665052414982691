import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// What coarse networks see in the tiles that the refiner learns from.
struct CoarseMaps: Sendable {
  let folder: String
  let architecture: CoarseArchitecture
  let reader: PairReader

  /// Makes those that are not there yet.
  ///
  /// - Parameters:
  ///   - tiles: To be seen.
  ///   - weights: Of the network that sees them.
  ///   - progress: Is told how many are done.
  /// - Throws: `ModelError` for weights that do not fit, or a map that can't be written.
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

  /// 0…1 from the lowest to the highest, `[1, row, column, 1]`.
  ///
  /// - Throws: `ModelError` for a file that is not there, or holds something else.
  func map(of tile: TrainingTile) throws -> Tensor {
    try Safetensors(reading: path(of: tile))
      .tensor("map", [1, tile.window.height, tile.window.width, 1])
  }

  private func path(of tile: TrainingTile) -> String {
    folder + "/" + tile.name.asFileName + ".safetensors"
  }
}

extension String {
  /// A name for a file: what is none in a path becomes `_`, and a hash keeps those apart that have become alike.
  var asFileName: String {
    let plain = String(map { $0.isLetter || $0.isNumber || "-_.,@".contains($0) ? $0 : "_" })
    var generator = SplitMix64(seed: 0, name: self)
    let hash = String(generator.next() >> 32, radix: 16)
    return String(plain.suffix(100)) + "-" + hash
  }
}
