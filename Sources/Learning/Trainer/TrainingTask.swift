import DepthModels
import Rasters
import Tensors

/// A network in training: what it is shown, what it answers, and what that costs.
protocol TrainingTask: Sendable {
  /// Of its folder, and in messages.
  var name: String { get }
  var optimization: Optimization { get }
  /// Samples of an epoch.
  var sampleCount: Int { get }

  /// The network's numbers before the first step.
  func firstParameters() throws -> Parameters

  /// Shows the network a sample, and walks back from what its answer costs.
  ///
  /// - Parameters:
  ///   - sample: Below `sampleCount`.
  ///   - epoch: From 0.
  ///   - place: Of the sample in the epoch; with the epoch it decides what is drawn.
  ///   - parameters: Get the gradient of share · loss.
  ///   - share: Of the sample in its batch.
  /// - Returns: The loss.
  /// - Throws: What is wrong with a pair that can't be read.
  func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double

  /// What the network was shown, to look at when something went wrong.
  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]

  /// What the answers on the validation's tiles cost, on average.
  func validate(_ parameters: ParameterSource) async throws -> Double

  /// Pictures of what the network makes of some of the validation's tiles.
  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture]
}

/// A picture for the page of a training.
struct TrainingPicture {
  let name: String
  let caption: String
  let picture: Picture
}
