public import DepthModels
public import Foundation
import Scenes

/// Everything that a training depends on, read from one JSON file.
///
/// The same file and the same pairs give bit-identical weights. Paths are relative to the file's folder. Unknown keys
/// are errors, and so are missing keys that are not optional here.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
  /// The seed of all random draws.
  public var seed: UInt64
  /// The training data.
  public var data: TrainingData
  /// The coarse network.
  public var coarse: CoarseTraining
  /// How the coarse maps that the refiner is trained on are made; nil uses the coarse network of the bundle.
  ///
  /// Without cross-fitting, training the coarse network takes half of the time or less. The refiner is then trained on
  /// better coarse maps than it gets in inference, the more so the more the coarse network overfits.
  public var crossFitting: Folds?
  /// The autoencoder; nil if the refiner works on pixels or there is no refiner.
  public var autoencoder: AutoencoderTraining?
  /// The refiner; nil for a bundle of the coarse network alone.
  public var refiner: RefinerTraining?
  /// The model card of the bundle; its tile size and stretch are also used in training.
  public var card: ModelCard
  /// The data type of the weights in the bundle; nil is F32, the type they are trained in.
  public var storage: Safetensors.ElementType?

  /// Cross-fitting: coarse maps of pairs are made by networks that these pairs were held out from.
  public struct Folds: Codable, Hashable, Sendable {
    /// The number of folds.
    public var count: Int
    /// What is assigned to folds as a whole.
    public var unit: CrossFitting.Unit
  }
}

extension TrainingConfiguration {
  /// Reads and checks a configuration.
  ///
  /// A file may state only its differences from another configuration, which its key `base` names.
  ///
  /// - Parameter path: The path of the JSON file.
  /// - Throws: `ModelError` naming the file and an unknown key, a missing key, or an invalid value.
  public init(reading path: String) throws {
    self = try StrictJSON.decode(Self.self, from: DerivedJSON.read(path), path: path)
    try validate(in: path)
  }

  /// The configuration as JSON, with sorted keys.
  public var json: Data {
    get throws {
      try JSONEncoder.ordered.encode(self)
    }
  }
}

/// The data that networks are trained on.
public struct TrainingData: Codable, Hashable, Sendable {
  /// The path of the list of pairs, a `PairList`.
  ///
  /// Its training and validation pairs are used, and never its test pairs.
  public var pairs: String
  /// The split files of an RS3DBench folder; nil for a list.
  public var splitFiles: [String]?
  /// The share of the training pairs to use for validation, for lists without a validation split; nil for lists that
  /// have one.
  public var validationShare: Double?
  /// The path of a list of areas that must not be used for training; nil excludes nothing.
  public var exclusions: String?
  /// The overlap of neighboring tiles of an image, in pixels.
  public var overlap: Int
  /// The largest random shift of tiles along each axis, in pixels; drawn once for the refiner, and anew each time
  /// otherwise.
  public var shift: Int
  /// Whether samples are flipped at random, left to right and top to bottom, and the sun with them.
  ///
  /// Only for networks whose model card accepts any sun azimuth.
  public var flips: Bool
  /// The strength of the color augmentation, 0…1; nil is 0.
  ///
  /// Colors are drawn once for the refiner, and anew each time otherwise.
  public var colors: Double?
  /// The share of a tile's pixels that must have an image and a height.
  public var leastValidShare: Double
  /// The least relief of a tile, from lowest to highest, in meters.
  ///
  /// Flatter tiles are left out, because min–max normalization would turn them into noise.
  public var leastRelief: Double
}

/// The settings of the optimizer.
public struct Optimization: Codable, Hashable, Sendable {
  /// The number of epochs.
  public var epochs: Int
  /// The number of samples per step; memory does not depend on it.
  public var batch: Int
  /// The learning rate, or the peak rate of a schedule.
  public var learningRate: Double
  /// The decoupled weight decay of AdamW.
  public var weightDecay: Double
  /// The decay rate of the mean of gradients.
  public var beta1: Double
  /// The decay rate of the mean of squared gradients.
  public var beta2: Double
  /// The constant that AdamW adds to the denominator.
  public var epsilon: Double
  /// How the learning rate changes.
  public var schedule: Schedule
  /// The largest norm of the gradient; nil does not clip it.
  public var clipping: Double?
  /// The decay of the moving average of the parameters, which is then validated and kept; nil for no average.
  public var averageDecay: Double?
  /// Whether blocks are recomputed in the backward pass (gradient checkpointing): less memory, more time.
  public var recomputesBlocks: Bool
  /// The time after which a checkpoint is written at the end of a step, in seconds.
  public var checkpointSeconds: Double

  /// A schedule of the learning rate.
  public enum Schedule: Codable, Hashable, Sendable {
    /// The rate does not change.
    case constant
    /// The rate is reduced when the validation loss stops improving. See `PlateauSchedule`.
    case plateau(patience: Int, factor: Double)
    /// The rate rises linearly, then falls along a half cosine to `floor`. See `WarmupCosineSchedule`.
    case cosine(warmupSteps: Int, floor: Double)
  }

  /// Creates settings with the defaults of D3-RSMDE's coarse network for everything that is not a parameter.
  public init(
    epochs: Int, batch: Int, learningRate: Double, weightDecay: Double, schedule: Schedule
  ) {
    (self.epochs, self.batch) = (epochs, batch)
    (self.learningRate, self.weightDecay, self.schedule) = (learningRate, weightDecay, schedule)
    (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)
    (recomputesBlocks, checkpointSeconds) = (false, 300)
  }
}

/// Initial weights from a file.
public struct StartWeights: Codable, Hashable, Sendable {
  /// The path of a safetensors file with the tensor names of a bundle.
  public var path: String
  /// Whether missing tensors are drawn at random, for example for a backbone without its decoder.
  public var isPartial: Bool

  /// Creates initial weights from a file.
  public init(path: String, isPartial: Bool = false) {
    (self.path, self.isPartial) = (path, isPartial)
  }
}

/// The coarse network, either trained or given.
public struct CoarseTraining: Codable, Hashable, Sendable {
  /// The architecture.
  public var architecture: CoarseArchitecture
  /// The initial weights; nil draws them at random.
  public var start: StartWeights?
  /// The weights of the losses.
  public var losses: Losses
  /// The optimizer; nil uses the given weights without training.
  public var optimization: Optimization?

  /// The weights of the losses, which are added up.
  public struct Losses: Codable, Hashable, Sendable {
    /// The weight of `HDNLoss`.
    public var hdn: Double
    /// The number of levels of `HDNLoss`.
    public var hdnLevels: Int
    /// The weight of `L1Loss`.
    public var l1: Double
    /// The weight of `GradientMatchingLoss`.
    public var gradientMatching: Double
    /// The weight of `LPIPSLoss`.
    public var lpips: Double
    /// The weight of the level loss: the distance of the raw output, before min–max normalization, from heights in 1…2;
    /// nil is 0.
    ///
    /// All other losses ignore offset and scale, so the output can drift to where the last ReLU cuts it off.
    public var level: Double?
  }
}

/// The autoencoder, either trained or given.
public struct AutoencoderTraining: Codable, Hashable, Sendable {
  /// The architecture.
  public var architecture: AutoencoderArchitecture
  /// The initial weights; nil draws them at random.
  public var start: StartWeights?
  /// The weights of the losses.
  public var losses: Losses
  /// The optimizer; nil uses the given weights without training.
  public var optimization: Optimization?

  /// The weights of the losses, which are added up.
  public struct Losses: Codable, Hashable, Sendable {
    /// The weight of `L1Loss`.
    public var l1: Double
    /// The weight of `LPIPSLoss`.
    public var lpips: Double
    /// The weight of the Kullback–Leibler divergence of the latents from the standard normal distribution.
    public var divergence: Double
  }
}

/// The refining network.
public struct RefinerTraining: Codable, Hashable, Sendable {
  /// The architecture.
  public var denoiser: DenoiserArchitecture
  /// The blending of estimates and coarse maps.
  public var blending: RefinerArchitecture.Blending
  /// The range that images are scaled to.
  public var imageRange: RefinerArchitecture.ImageRange
  /// The range that height maps are scaled to.
  public var heightRange: HeightRange
  /// The initial weights; nil draws them at random.
  public var start: StartWeights?
  /// The dropout probability in residual blocks.
  public var dropout: Double
  /// The probability, 0…1, that a blend is made from the network's own estimates, as in inference, instead of the
  /// truth.
  ///
  /// Nil is 0, as in the paper.
  public var ownEstimates: Double?
  /// Losses of the decoded prediction, in addition to the distance of latents; nil in the paper.
  public var decoded: Decoded?
  /// The optimizer.
  public var optimization: Optimization

  /// Whether the LPIPS loss has a positive weight.
  var needsLPIPS: Bool { decoded.map { $0.lpips > 0 } ?? false }

  /// The weights of the losses of the decoded prediction.
  public struct Decoded: Codable, Hashable, Sendable {
    /// The weight of `LPIPSLoss`.
    public var lpips: Double
    /// The weight of `GradientMatchingLoss`.
    public var gradientMatching: Double
    /// The weight of `SlopeLoss`.
    public var slopes: Double
    /// The side of the decoded crop of a tile in pixels, drawn anew each time; nil decodes the whole tile.
    ///
    /// Decoding and comparing the whole tile takes longer than the rest of a step.
    public var side: Int?

    /// Creates weights of losses.
    public init(
      lpips: Double = 0, gradientMatching: Double = 0, slopes: Double = 0, side: Int? = nil
    ) {
      (self.lpips, self.gradientMatching) = (lpips, gradientMatching)
      (self.slopes, self.side) = (slopes, side)
    }
  }
}
