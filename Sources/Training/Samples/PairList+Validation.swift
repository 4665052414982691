import Pairs
import Scenes
import Tensors

extension PairList {
  /// Moves some of the training pairs to the validation split, for lists that have only a training and a test split.
  ///
  /// The draw depends on the seed and the pairs' names. The moved pairs lose their folds.
  ///
  /// - Parameters:
  ///   - share: The share of the training pairs to move; at least one pair is moved.
  ///   - seed: The seed of the draw.
  /// - Returns: A list of the same pairs in the same order.
  /// - Throws: `SceneError` if the list has validation pairs already, or if no training pair would remain.
  func drawingValidation(_ share: Double, seed: UInt64) throws -> PairList {
    guard !pairs.contains(where: { $0.split == .validation }) else {
      throw SceneError(
        .usage,
        "data.validationShare is set, but the pair list has validation pairs already: remove data.validationShare"
      )
    }
    let training = pairs.indices.filter { pairs[$0].split == .train }
    let count = max(1, Int((share * Double(training.count)).rounded()))
    guard count < training.count else {
      throw SceneError(
        .badData,
        "data.validationShare would move \(count) of \(training.count) training pairs to validation and leave none; "
          + "expected a smaller share, or more training pairs"
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
