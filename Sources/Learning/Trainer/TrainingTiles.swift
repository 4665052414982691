import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// A part of a pair that a network sees at once.
struct TrainingTile: Hashable, Sendable {
  /// Alone of its name.
  let name: String
  /// Of the list.
  let pair: Int
  /// In the pixels of the pair's window; where the pair is smaller than a tile, it reaches beyond.
  let window: Window
  /// How it is shown every time; nil as it lies.
  var look: TileLook?
}

/// The tiles that pairs are cut into, and what is known of each pair.
struct TrainingTiles: Sendable {
  let pairs: [Pair]
  /// Those that networks learn from, and those that they are compared on.
  let training: [TrainingTile]
  let validation: [TrainingTile]
  /// Tiles without enough pixels or relief, and why.
  let leftOut: [String]
  let side: Int

  /// Looks at every pair: where its tiles lie, and which have enough to learn from.
  ///
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - pairs: With their splits.
  ///   - data: What is enough.
  ///   - side: Of a tile.
  ///   - reader: Opens pairs.
  ///   - progress: Is told the share done.
  /// - Throws: `SceneError` without a tile for training or one for validation; what is wrong with a pair.
  init(
    _ pairs: [Pair], _ data: TrainingData, side: Int, reader: PairReader,
    progress: (Double) -> Void
  ) async throws {
    var found: [Pair.Split: [TrainingTile]] = [:]
    var without: [Pair.Split: [String]] = [:]
    for (index, pair) in pairs.enumerated() {
      guard let split = pair.split, split != .test else { continue }
      try Task.checkCancellation()
      let size = try await reader.size(of: index)
      for row in Self.starts(size.height, side: side, overlap: data.overlap) {
        for column in Self.starts(size.width, side: side, overlap: data.overlap) {
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
          ? "no pair of the list is for \(split.rawValue): `relief pairs split` gives each its split"
          : "none of the \(asked) pairs for \(split.rawValue) has a tile of \(side) pixels that is enough (data.leastValidShare "
            + "\(data.leastValidShare), data.leastRelief \(data.leastRelief)): "
            + (without[split] ?? []).prefix(3).joined(separator: "; "))
    }
    self.pairs = pairs
    self.side = side
    leftOut = (without[.train] ?? []) + (without[.validation] ?? [])
    training = found[.train] ?? []
    validation = found[.validation] ?? []
  }

  /// Where tiles begin along an axis: as few as overlap by so much, spread evenly from edge to edge; one about the middle of
  /// what is shorter than a tile.
  static func starts(_ extent: Int, side: Int, overlap: Int) -> [Int] {
    guard extent > side else { return [-((side - extent) / 2)] }
    let count = (extent - side + side - overlap - 1) / (side - overlap) + 1
    return (0..<count).map { $0 * (extent - side) / (count - 1) }
  }
}

/// How a tile is shown: moved, and turned.
struct TileView: Hashable, Sendable {
  var right = 0
  var down = 0
  var turn = Turn.identity

  /// The views that mirroring alone gives, in the order of `Turn.all`.
  static let turns = Array(Turn.all.prefix(4))

  static let plain = TileView()

  init() {}

  /// Drawn for a sample.
  init(_ data: TrainingData, shift: Int, _ generator: inout SplitMix64) {
    if shift > 0 {
      right = generator.below(2 * shift + 1) - shift
      down = generator.below(2 * shift + 1) - shift
    }
    if data.flips { turn = Self.turns[generator.below(4)] }
  }
}

/// How a tile is moved and coloured once and for all, where showing it anew each time would take too long.
struct TileLook: Hashable, Sendable {
  let view: TileView
  let colours: ColourChange?

  /// Drawn by the tile's name: those that a list names several times have several looks.
  init(_ data: TrainingData, seed: UInt64, tile name: String) {
    var generator = SplitMix64(seed: seed, name: name)
    var view = TileView(data, shift: data.shift, &generator)
    view.turn = .identity
    self.view = view
    colours = ColourChange(data, &generator)
  }
}

/// What a network is shown of a tile.
struct TrainingSample: Sendable {
  let name: String
  /// `[1, row, column, 3]`, 0…255 after the image's stretch.
  let image: Tensor
  /// `[1, row, column, 1]`, 0…1 from the lowest to the highest of the tile, NaN where either has nothing.
  let heights: Tensor

  func turned(by turn: Turn) -> TrainingSample {
    TrainingSample(
      name: name, image: image.turned(by: turn), heights: heights.turned(by: turn))
  }

  func coloured(by change: ColourChange) -> TrainingSample {
    TrainingSample(name: name, image: change.applied(to: image), heights: heights)
  }
}
