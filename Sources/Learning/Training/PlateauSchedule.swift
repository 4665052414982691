/// A learning rate that shrinks when the validation has not become better for some epochs.
///
/// The rule of D3-RSMDE's training programs (arXiv:2603.16362): after each epoch of training the counter rises by one; if it
/// has reached the patience, the rate is multiplied by the factor and the counter is 0; then the validation follows, and if
/// it is better than any before, the counter is 0. So the counter rises before the epoch's own validation is known: with a
/// patience of 1 the rate shrinks after each epoch, and with one of n after n − 1 validations that were no better.
public struct PlateauSchedule: Sendable, Hashable, Codable {
  public private(set) var learningRate: Double
  public let patience: Int
  public let factor: Double
  /// Epochs since the last better validation or the last change of the rate.
  public private(set) var counter = 0
  /// The least validation loss; nil before the first.
  public private(set) var best: Double?

  /// - Parameters:
  ///   - learningRate: Of the first epoch.
  ///   - patience: Epochs, 1 at least.
  ///   - factor: Between 0 and 1.
  public init(learningRate: Double, patience: Int = 5, factor: Double = 0.6) {
    precondition(
      patience > 0 && factor > 0 && factor <= 1 && learningRate > 0,
      "a rate of \(learningRate), a patience of \(patience) and a factor of \(factor)")
    (self.learningRate, self.patience, self.factor) = (learningRate, patience, factor)
  }

  /// An epoch of training is over, and its validation has not begun.
  public mutating func finishEpoch() {
    counter += 1
    guard counter >= patience else { return }
    learningRate *= factor
    counter = 0
  }

  /// The validation of the epoch is over.
  ///
  /// - Parameter loss: NaN is no better than anything.
  /// - Returns: Whether it is the best so far, and the network worth saving.
  public mutating func validate(_ loss: Double) -> Bool {
    guard loss < best ?? .infinity else { return false }
    (best, counter) = (loss, 0)
    return true
  }
}
