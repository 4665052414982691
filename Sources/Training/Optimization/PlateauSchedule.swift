/// A learning rate that shrinks when the validation loss has not improved for some epochs.
///
/// The rule of D3-RSMDE's training programs (arXiv:2603.16362). After each epoch of training the counter is
/// incremented; when it reaches the patience, the rate is multiplied by the factor and the counter is reset. Then the
/// epoch is validated, and the counter is reset if the loss is the lowest so far. So the counter is incremented before
/// the epoch's own validation: with a patience of 1 the rate shrinks after each epoch, and with a patience of n after n
/// − 1 validations without improvement.
public struct PlateauSchedule: Sendable, Hashable, Codable {
  /// The current learning rate.
  public private(set) var learningRate: Double
  /// The number of epochs without improvement before the rate shrinks.
  public let patience: Int
  /// The factor that the rate is multiplied by.
  public let factor: Double
  /// The number of epochs since the last improvement or the last change of the rate.
  public private(set) var counter = 0
  /// The lowest validation loss; nil before the first validation.
  public private(set) var best: Double?

  /// Creates a schedule.
  ///
  /// - Parameters:
  ///   - learningRate: The rate of the first epoch.
  ///   - patience: The number of epochs, at least 1.
  ///   - factor: Above 0, at most 1.
  public init(learningRate: Double, patience: Int = 5, factor: Double = 0.6) {
    precondition(
      patience > 0 && factor > 0 && factor <= 1 && learningRate > 0,
      "a rate of \(learningRate), a patience of \(patience) and a factor of \(factor)")
    (self.learningRate, self.patience, self.factor) = (learningRate, patience, factor)
  }

  /// Updates the rate after an epoch of training, before its validation.
  public mutating func finishEpoch() {
    counter += 1
    guard counter >= patience else { return }
    learningRate *= factor
    counter = 0
  }

  /// Updates the counter after the validation of an epoch.
  ///
  /// - Parameter loss: The validation loss; NaN is never an improvement.
  /// - Returns: Whether the loss is the lowest so far, and the network worth saving.
  public mutating func validate(_ loss: Double) -> Bool {
    guard loss < best ?? .infinity else { return false }
    (best, counter) = (loss, 0)
    return true
  }
}
