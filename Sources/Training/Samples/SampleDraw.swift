import Tensors

/// The samples of an epoch: tiles of pairs with a random shift, flip and color augmentation.
struct SampleDraw: Sendable {
  let tiles: [TrainingTile]
  let data: TrainingData
  let reader: PairReader
  let seed: UInt64

  /// Returns a tile with the augmentation of its position in an epoch.
  func sample(_ index: Int, epoch: Int, place: Int) async throws -> TrainingSample {
    var generator = SplitMix64(seed: seed, .view, epoch, place)
    let view = TileView(data, shift: data.shift, &generator)
    let sample = try await reader.sample(tiles[index], view)
    var colors = SplitMix64(seed: seed, .colors, epoch, place)
    return ColorAugmentation(data, &colors).map(sample.colored) ?? sample
  }
}
