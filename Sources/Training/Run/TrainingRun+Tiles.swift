import DepthModels
import Files
import Foundation
import Grids
import Tensors

/// The tiles of folds, and the export of tiles for training with another program.
extension TrainingRun {
  /// The role of a tile in a fold.
  enum FoldRole {
    /// The fold's network is trained on it.
    case seen
    /// It is held out from the fold's network, which makes its coarse map.
    case held
  }

  /// The assignment of pairs to folds; nil without cross-fitting.
  private func fitting() throws -> CrossFitting? {
    try configuration.crossFitting.map { folds in
      try CrossFitting(
        tiles.training.map(\.pair).uniqued.map { tiles.pairs[$0] },
        folds: folds.count, by: folds.unit, seed: configuration.seed)
    }
  }

  /// Returns the training tiles with a role in a fold; folds count from 1.
  func tiles(in fold: Int, _ role: FoldRole) throws -> [TrainingTile] {
    guard let fitting = try fitting() else { preconditionFailure("there are folds") }
    let pairs = tiles.training.map(\.pair).uniqued
    let places = role == .seen ? fitting.seen(by: fold) : fitting.predicted(by: fold)
    let wanted = Set(places.map { pairs[$0] })
    return tiles.training.filter { wanted.contains($0.pair) }
  }

  /// Exports all tiles for training with another program (`Experiments/train-gpu`).
  ///
  /// The folder `tiles` gets a safetensors file for each tile, with `image` `[row, column, 3]` in 0…255 and `heights`
  /// `[row, column]` in meters, NaN where either is void. Each has a margin as wide as the largest shift, and is turned
  /// so that the sun is in the range of the model card. `tiles.json` lists the files.
  ///
  /// - Returns: The path of the list.
  public func writeTiles() async throws -> String {
    let folder = try TrainingFolder(folder).makeFolder("tiles")
    let margin = configuration.data.shift
    var foldOfPair: [Int: Int] = [:]
    if configuration.refiner != nil, let fitting = try fitting() {
      for (place, pair) in tiles.training.map(\.pair).uniqued.enumerated() {
        foldOfPair[pair] = fitting.folds[place]
      }
    }
    let all = tiles.training + tiles.validation
    var entries: [TileEntry] = []
    for (index, tile) in all.enumerated() {
      try Task.checkCancellation()
      let file = tile.name.fileNameSafe + ".safetensors"
      if !FileManager.default.fileExists(atPath: folder + "/" + file) {
        let window = tile.window.padded(columns: margin, rows: margin)
        let known = try await reader.known(in: window, of: tile.pair)
        let (_, rows, columns, _) = known.image.shape.image
        // Tiles are square, so turning does not change their shape.
        let turn = try await reader.turn(of: tile.pair)
        let heights = Tensor([1, rows, columns, 1], known.heights).turned(by: turn)
        try Safetensors.write(
          [
            .init("image", known.image.turned(by: turn).reshaped([rows, columns, 3])),
            .init("heights", heights.reshaped([rows, columns])),
          ], to: folder + "/" + file)
      }
      entries.append(
        TileEntry(
          name: tile.name, file: file,
          fold: index < tiles.training.count ? foldOfPair[tile.pair] : nil))
      onProgress(.writing(done: index + 1, total: all.count))
    }
    let list = TileList(
      margin: margin, training: Array(entries.prefix(tiles.training.count)),
      validation: Array(entries.dropFirst(tiles.training.count)))
    try NewFile.write(JSONEncoder.ordered.encode(list), to: folder + "/tiles.json")
    return folder + "/tiles.json"
  }

  private struct TileList: Encodable {
    let margin: Int
    let training: [TileEntry]
    let validation: [TileEntry]
  }

  private struct TileEntry: Encodable {
    let name: String
    let file: String
    /// Nil for tiles that are in no fold.
    let fold: Int?
  }
}

extension [Int] {
  /// The elements without duplicates, in order of first appearance.
  fileprivate var uniqued: [Int] {
    var seen: Set<Int> = []
    return filter { seen.insert($0).inserted }
  }
}
