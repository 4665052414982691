public import DepthModels
public import Foundation
import Scenes

/// Everything that a training depends on, in one JSON file: the same file and the same pairs give the same bits.
///
/// Paths are relative to the file's folder. An unknown key is an error, and so is one that lacks without being marked
/// optional here.
public struct TrainingConfiguration: Codable, Hashable, Sendable {
  /// Of every draw.
  public var seed: UInt64
  public var data: TrainingData
  public var coarse: CoarseTraining
  /// How the refiner's coarse maps come about; nil takes those of the network that goes into the bundle.
  ///
  /// Without folds the coarse networks take half of the time or less. What the refiner is shown is then better than what
  /// it will meet, the more so the more the network knows by heart.
  public var crossFitting: Folds?
  /// Nil for a refiner of pixels, or none.
  public var autoencoder: AutoencoderTraining?
  /// Nil for a bundle of the coarse network alone.
  public var refiner: RefinerTraining?
  /// What the bundle says of itself; its tiles and its stretch are also those of the training.
  public var card: ModelCard
  /// How the bundle keeps weights; nil is F32, as they were trained.
  public var storage: Safetensors.ElementType?

  /// Coarse maps of ground that the network which made them has not seen.
  public struct Folds: Codable, Hashable, Sendable {
    public var count: Int
    public var unit: CrossFitting.Unit
  }
}

extension TrainingConfiguration {
  /// Reads and checks a configuration.
  ///
  /// - Parameter path: The file.
  /// - Throws: `ModelError` that names the file and an unknown or missing key, or a value that cannot be meant.
  public init(reading path: String) throws {
    guard let json = FileManager.default.contents(atPath: path) else {
      throw ModelError(.noInput, "\(path) can't be read, expected the configuration of a training")
    }
    self = try StrictJSON.decode(Self.self, from: json, path: path)
    try validate(in: path)
  }

  /// As a file has it, keys in order.
  public var json: Data {
    get throws {
      try JSONEncoder.ordered.encode(self)
    }
  }
}

/// What networks learn from.
public struct TrainingData: Codable, Hashable, Sendable {
  /// The list of pairs, a `PairList`.
  ///
  /// Its pairs for training and for validation are used, never those for the test.
  public var pairs: String
  /// Files that RS3DBench splits a folder by; nil of a list.
  public var splitFiles: [String]?
  /// Of a list that knows training and test alone: so much of the training is for validation; nil of one that has some.
  public var validationShare: Double?
  /// Of what may not be seen; nil where everything may.
  public var exclusions: String?
  /// Pixels that neighbouring tiles of an image share.
  public var overlap: Int
  /// Up to so many pixels, each way, tiles are moved at random: for the refiner once, for the others each time.
  public var shift: Int
  /// Whether samples are mirrored at random, left to right and top to bottom, and the sun with them: only for networks whose
  /// card says that they expect any sun.
  public var flips: Bool
  /// How far colours are changed at random, 0…1, for the refiner once, for the others each time; nil is 0.
  public var colours: Double?
  /// The share of a tile that must have an image and a height.
  public var leastValidShare: Double
  /// Metres from the lowest to the highest of a tile, below which it is left out: stretched, it would be noise.
  public var leastRelief: Double
}

/// How parameters are moved.
public struct Optimization: Codable, Hashable, Sendable {
  public var epochs: Int
  /// Samples whose mean gradient makes a step; memory is that of one, however many.
  public var batch: Int
  public var learningRate: Double
  public var weightDecay: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var schedule: Schedule
  /// The greatest length of the gradient; nil lets it be.
  public var clipping: Double?
  /// Of the moving average of parameters, which is then what is validated and kept; nil for none.
  public var averageDecay: Double?
  /// Whether blocks are computed again on the way back, for less memory and more time.
  public var recomputesBlocks: Bool
  /// Seconds after which a checkpoint is written, at the end of a step.
  public var checkpointSeconds: Double

  /// How the learning rate changes.
  public enum Schedule: Codable, Hashable, Sendable {
    case constant
    /// See `PlateauSchedule`.
    case plateau(patience: Int, factor: Double)
    /// See `WarmupCosineSchedule`: of all steps, so many of rise, and the last rate.
    case cosine(warmupSteps: Int, floor: Double)
  }

  /// As D3-RSMDE trains its coarse network, which others change.
  public init(
    epochs: Int, batch: Int, learningRate: Double, weightDecay: Double, schedule: Schedule
  ) {
    (self.epochs, self.batch) = (epochs, batch)
    (self.learningRate, self.weightDecay, self.schedule) = (learningRate, weightDecay, schedule)
    (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)
    (recomputesBlocks, checkpointSeconds) = (false, 300)
  }
}

/// Weights to begin with.
public struct StartWeights: Codable, Hashable, Sendable {
  /// In safetensors, with the names of a bundle.
  public var path: String
  /// Whether tensors that it lacks are drawn afresh, as of a backbone without its decoder.
  public var isPartial: Bool

  public init(path: String, isPartial: Bool = false) {
    (self.path, self.isPartial) = (path, isPartial)
  }
}

/// The coarse network: one that is there already, or that learns.
public struct CoarseTraining: Codable, Hashable, Sendable {
  public var architecture: CoarseArchitecture
  public var start: StartWeights?
  public var losses: Losses
  /// Nil takes the weights as they are.
  public var optimization: Optimization?

  /// What is added up, each so many times.
  public struct Losses: Codable, Hashable, Sendable {
    public var hdn: Double
    public var hdnLevels: Int
    public var l1: Double
    public var gradientMatching: Double
    public var lpips: Double
    /// Of what the network gives before it is stretched, from heights of 1…2; nil is 0.
    ///
    /// All other losses see forms alone, and let the output drift to where the last rectifier cuts it off.
    public var level: Double?
  }
}

/// The autoencoder: one that is there already, or that learns.
public struct AutoencoderTraining: Codable, Hashable, Sendable {
  public var architecture: AutoencoderArchitecture
  public var start: StartWeights?
  public var losses: Losses
  /// Nil takes the weights as they are.
  public var optimization: Optimization?

  public struct Losses: Codable, Hashable, Sendable {
    public var l1: Double
    public var lpips: Double
    /// Of the divergence of the latents' distribution from the normal one.
    public var divergence: Double
  }
}

/// The refining network.
public struct RefinerTraining: Codable, Hashable, Sendable {
  public var denoiser: DenoiserArchitecture
  public var blending: RefinerArchitecture.Blending
  public var imageRange: RefinerArchitecture.ImageRange
  public var heightRange: RefinerArchitecture.HeightRange
  public var start: StartWeights?
  /// The probability that a number in a block is left out.
  public var dropout: Double
  /// How often, 0…1, the blend is made of the network's own estimates, as it is when it refines, and not of the truth; nil is 0,
  /// as in the paper.
  public var ownEstimates: Double?
  /// What the answer costs as heights, beside the distance of the latents; nil in the paper.
  public var decoded: Decoded?
  public var optimization: Optimization

  /// Whether how unlike heights the answer looks counts.
  var needsLPIPS: Bool { decoded.map { $0.lpips > 0 } ?? false }

  /// Weights of losses of the decoded answer.
  public struct Decoded: Codable, Hashable, Sendable {
    /// Of how unlike heights it looks.
    public var lpips: Double
    /// Of how far its steps from pixel to pixel are from the truth's.
    public var gradientMatching: Double
    /// Of how much steeper or flatter than the truth it is, wherever its slopes point.
    public var slopes: Double
    /// The side in pixels of the part of a tile that is decoded, drawn anew each time; nil is the whole tile.
    ///
    /// To decode and to look at the whole takes longer than all else of a step.
    public var side: Int?

    public init(
      lpips: Double = 0, gradientMatching: Double = 0, slopes: Double = 0, side: Int? = nil
    ) {
      (self.lpips, self.gradientMatching) = (lpips, gradientMatching)
      (self.slopes, self.side) = (slopes, side)
    }
  }
}
