import Scenes
import Tensors

extension PairList {
  /// The list with some of its training pairs for validation instead, as of one that knows training and test alone.
  ///
  /// The draw follows from seed and names; folds of these pairs are gone.
  ///
  /// - Parameters:
  ///   - share: Of the training pairs, at least one.
  ///   - seed: Of the draw.
  /// - Returns: The same pairs in their order.
  /// - Throws: `SceneError` if some are for validation already, or none would be left to learn from.
  func drawingValidation(_ share: Double, seed: UInt64) throws -> PairList {
    guard !pairs.contains(where: { $0.split == .validation }) else {
      throw SceneError(
        .usage,
        "data.validationShare is for a list without pairs for validation, and this one has some")
    }
    let training = pairs.indices.filter { pairs[$0].split == .train }
    let count = max(1, Int((share * Double(training.count)).rounded()))
    guard count < training.count else {
      throw SceneError(
        .badData,
        "of \(training.count) pairs for training, \(count) would be for validation: none would be left"
      )
    }
    let drawn = training.map { index in
      var generator = SplitMix64(seed: seed, name: pairs[index].name)
      return (key: generator.next(), index: index)
    }
    var result = self
    for (_, index) in drawn.sorted(by: { $0 < $1 }).prefix(count) {
      (result.pairs[index].split, result.pairs[index].fold) = (.validation, nil)
    }
    return result
  }
}
