public import Tensors

/// A network that estimates heights for one tile at a time.
///
/// Conform to this protocol to use another network.
public protocol TileModel: Sendable {
  /// The model card, which also specifies the tiling.
  var card: ModelCard { get }
  /// A string that changes whenever the results may change, such as the hash of a bundle.
  var identity: String { get }
  /// The number that the rows and columns of a tile must be multiples of.
  var sizeMultiple: Int { get }
  /// The memory of all weights, in bytes.
  var weightBytes: Int { get }

  /// Returns relative height, where larger is higher, with a scale and an offset that differ from tile to tile.
  ///
  /// - Parameter image: `[1, row, column, 3]` in 0…255, after the scene's stretch.
  /// - Returns: `[1, row, column, 1]`.
  /// - Throws: An error if no heights can be estimated from the image.
  func coarseHeight(of image: Tensor) throws -> Tensor

  /// Returns the peak memory for a tile on `Parallel.workers` threads, in bytes, excluding weights and image.
  func peakBytes(rows: Int, columns: Int) -> Int

  /// Returns the number of additions and multiplications for a tile, or 0 if unknown.
  func operationCount(rows: Int, columns: Int) -> Double

  /// The typical difference between the highest and the lowest height of a tile on the terrain used in training.
  ///
  /// Nil if unknown.
  var typicalRelief: Float? { get }

  /// The refiner, which adds detail after all tiles have been merged into one coarse surface; nil if there is none.
  var refiner: (any TileRefiner)? { get }
}

extension TileModel {
  /// 0, for a model that holds no weights.
  public var weightBytes: Int { 0 }
  /// Nil: unknown.
  public var typicalRelief: Float? { nil }
  /// 0: unknown.
  public func operationCount(rows: Int, columns: Int) -> Double { 0 }
  /// Nil: no refiner.
  public var refiner: (any TileRefiner)? { nil }
}

/// A network that refines coarse heights with the image.
public protocol TileRefiner: Sendable {
  /// The number of denoiser evaluations per tile, unless the options specify fewer.
  var steps: Int { get }
  /// Whether the refiner works on latents, which can be sampled instead of set to their mean.
  var hasLatents: Bool { get }
  /// The range that its heights are normalized by.
  var heightRange: HeightRange { get }

  /// Returns fine heights for coarse heights in 0…1.
  ///
  /// - Parameters:
  ///   - coarse: `[1, row, column, 1]`, normalized to 0…1 by the range of the tile or by a wider range.
  ///   - image: `[1, row, column, 3]` in 0…255, after the scene's stretch; of any size.
  ///   - options: The settings of the refinement.
  ///   - seed: The seed of the random numbers, if the options require any.
  /// - Returns: `[1, row, column, 1]`. With a shared height range, heights in the calibration of the coarse ones, which
  ///   may exceed 0…1; otherwise heights normalized to 0…1 by their own range.
  /// - Throws: An error if the result is not finite, or if it is constant and has to be normalized.
  func refine(_ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64) throws
    -> Tensor

  /// Returns the peak memory for a tile on `Parallel.workers` threads, in bytes, excluding weights and image.
  func peakBytes(rows: Int, columns: Int) -> Int

  /// Returns the number of additions and multiplications for a tile, or 0 if unknown.
  func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double
}

extension TileRefiner {
  /// False: the refiner works on pixels.
  public var hasLatents: Bool { false }
}

/// The range by which true and coarse heights were normalized to −1…1 in a refiner's training.
public enum HeightRange: String, Hashable, Sendable, Codable {
  /// One range for both, so that decoded heights have the calibration of the coarse map.
  case shared
  /// The minimum and maximum of each, as in the paper, so that decoded heights have no calibration.
  case own
}

/// The settings of a refinement; the defaults are what a bundle was trained for.
public struct RefineOptions: Hashable, Sendable, Codable {
  /// The number of denoiser evaluations.
  public var steps: Int
  /// Whether to end one evaluation early, as the text of D3-RSMDE says but its code does not.
  public var stopsAtOne = false
  /// Whether to sample latents from their distribution instead of using its mean, as D3-RSMDE does with the VA-VAE.
  public var samplesPosterior = false
  /// Whether to process tiles exactly as the paper does.
  ///
  /// Coarse heights are quantized to 8 bits, the image is stretched by its own minimum and maximum, images decoded by
  /// the VA-VAE are quantized to 8 bits, and the result is stretched to 0…1.
  public var followsPaperExactly = false

  /// Creates options with the default of all other settings.
  public init(steps: Int) { self.steps = steps }
}
