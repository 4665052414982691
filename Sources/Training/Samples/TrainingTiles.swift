import Pairs
import DepthModels
import Foundation
package import Grids
import Rasters
import Scenes
package import Tensors

/// A tile of a pair: the part that a network processes at once.
package struct TrainingTile: Hashable, Sendable {
  /// A unique name.
  package let name: String
  /// The index of the pair in the list.
  package let pair: Int
  /// The window in pixels of the pair's window; it extends beyond a pair that is smaller than a tile.
  package let window: Window
  /// The fixed augmentation of the tile; nil for none.
  package var augmentation: FixedAugmentation?

  package init(name: String, pair: Int, window: Window) {
    (self.name, self.pair, self.window) = (name, pair, window)
  }
}

/// The tiles of all pairs, by split.
package struct TrainingTiles: Sendable {
  let pairs: [Pair]
  /// The tiles of the training pairs and of the validation pairs.
  let training: [TrainingTile]
  let validation: [TrainingTile]
  /// Tiles with too little valid data or relief, each with the reason.
  let leftOut: [String]
  let side: Int

  /// Scans every pair for its tiles and selects the usable ones.
  ///
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - pairs: Pairs with their splits.
  ///   - data: The requirements for tiles.
  ///   - side: The side of a tile in pixels.
  ///   - reader: Reads the pairs.
  ///   - progress: Called with the finished share, 0…1.
  /// - Returns: The tiles.
  /// - Throws: `SceneError` if there is no tile for training or none for validation; errors from reading a pair.
  static func scan(
    _ pairs: [Pair], _ data: TrainingData, side: Int, reader: PairReader,
    progress: (Double) -> Void
  ) async throws -> TrainingTiles {
    var found: [Pair.Split: [TrainingTile]] = [:]
    var without: [Pair.Split: [String]] = [:]
    for (index, pair) in pairs.enumerated() {
      guard let split = pair.split, split != .test else { continue }
      try Task.checkCancellation()
      let size = try await reader.size(of: index)
      for row in starts(size.height, side: side, overlap: data.overlap) {
        for column in starts(size.width, side: side, overlap: data.overlap) {
          let window = Window(column: column, row: row, width: side, height: side)
          let tile = TrainingTile(
            name: "\(pair.name)@\(column),\(row)", pair: index, window: window)
          if let lack = try await reader.lack(of: tile) {
            without[split, default: []].append("\(tile.name): \(lack)")
          } else {
            found[split, default: []].append(tile)
          }
        }
      }
      progress(Double(index + 1) / Double(pairs.count))
    }
    for split in [Pair.Split.train, .validation] where found[split] == nil {
      let asked = pairs.count { $0.split == split }
      throw SceneError(
        .badData,
        asked == 0
          ? "the list has no pair with the split \(split.rawValue): run `relief pairs split` to assign splits"
          : "none of the \(asked) pairs with the split \(split.rawValue) has a usable tile of \(side) pixels "
            + "(data.leastValidShare \(data.leastValidShare), data.leastRelief \(data.leastRelief)): "
            + (without[split] ?? []).prefix(3).joined(separator: "; "))
    }
    return TrainingTiles(
      pairs: pairs, training: found[.train] ?? [], validation: found[.validation] ?? [],
      leftOut: (without[.train] ?? []) + (without[.validation] ?? []), side: side)
  }

  /// Returns the starts of tiles along an axis: as few tiles as the overlap allows, spaced evenly from edge to edge.
  ///
  /// An axis shorter than a tile gets one centered tile.
  package static func starts(_ extent: Int, side: Int, overlap: Int) -> [Int] {
    guard extent > side else { return [-((side - extent) / 2)] }
    let count = (extent - side + side - overlap - 1) / (side - overlap) + 1
    return (0..<count).map { $0 * (extent - side) / (count - 1) }
  }
}

/// The shift and the turn of a tile.
package struct TileView: Hashable, Sendable {
  package var right = 0
  package var down = 0
  package var turn = SquareSymmetry.identity

  /// The turns that mirroring gives, in the order of `SquareSymmetry.all`.
  static let turns = Array(SquareSymmetry.all.prefix(4))

  static let plain = TileView()

  package init() {}

  /// Draws a view for a sample.
  init(_ data: TrainingData, shift: Int, _ generator: inout SplitMix64) {
    if shift > 0 {
      right = generator.below(2 * shift + 1) - shift
      down = generator.below(2 * shift + 1) - shift
    }
    if data.flips { turn = Self.turns[generator.below(4)] }
  }
}

/// A fixed augmentation of a tile, for networks for which drawing it anew each time would take too long.
package struct FixedAugmentation: Hashable, Sendable {
  package let view: TileView
  package let colors: ColorAugmentation?

  /// Draws the augmentation by the tile's name: a tile that is listed under several names gets several augmentations.
  init(_ data: TrainingData, seed: UInt64, tile name: String) {
    var generator = SplitMix64(seed: seed, name: name)
    var view = TileView(data, shift: data.shift, &generator)
    view.turn = .identity
    self.view = view
    colors = ColorAugmentation(data, &generator)
  }
}

/// A network's input and target for a tile.
package struct TrainingSample: Sendable {
  package let name: String
  /// `[1, row, column, 3]`, 0…255 after the image's stretch.
  package let image: Tensor
  /// `[1, row, column, 1]`, min–max normalized to 0…1 in the tile, NaN where image or height is void.
  package let heights: Tensor

  package init(name: String, image: Tensor, heights: Tensor) {
    (self.name, self.image, self.heights) = (name, image, heights)
  }

  func turned(by turn: SquareSymmetry) -> TrainingSample {
    TrainingSample(
      name: name, image: image.turned(by: turn), heights: heights.turned(by: turn))
  }

  func colored(by change: ColorAugmentation) -> TrainingSample {
    TrainingSample(name: name, image: change.applied(to: image), heights: heights)
  }
}
