import DepthModels
import Rasters
import Tensors

/// The training of one network: its samples, losses, validation and pictures.
protocol TrainingTask: Sendable {
  /// The name of the network's folder, also used in messages.
  var name: String { get }
  var optimization: Optimization { get }
  /// The number of samples per epoch.
  var sampleCount: Int { get }

  /// Returns the parameters before the first step.
  func firstParameters() throws -> Parameters

  /// Runs a forward and a backward pass for one sample.
  ///
  /// - Parameters:
  ///   - sample: The index of the sample, below `sampleCount`.
  ///   - epoch: The epoch, from 0.
  ///   - place: The position of the sample in the epoch; together with the epoch it determines the random draws.
  ///   - parameters: The parameters, which accumulate the gradient of `share` · loss.
  ///   - share: The sample's share of its batch.
  /// - Returns: The loss.
  /// - Throws: Errors from reading the pair.
  func learn(
    _ sample: Int, epoch: Int, place: Int, _ parameters: ParameterSource, share: Double
  ) async throws -> Double

  /// Returns the network's input for a sample, to inspect after a failure.
  func shown(_ sample: Int, epoch: Int, place: Int) async throws -> [(name: String, tensor: Tensor)]

  /// Returns the mean loss over the validation tiles.
  func validate(_ parameters: ParameterSource) async throws -> Double

  /// Returns pictures of the network's output for some validation tiles.
  func pictures(_ parameters: ParameterSource) async throws -> [TrainingPicture]
}

/// A picture on the progress page.
struct TrainingPicture {
  let name: String
  let caption: String
  let picture: Picture
}
