public import Tensors

/// A refiner that can be run step by step, so that tiles can be refined together and reconciled between steps.
///
/// A tile starts from its conditions. Each step of the schedule estimates the fine map from a blend of the coarse map
/// and the previous estimate. Heights are computed from the last blend. `refine` does all of this and returns
/// bit-identical heights.
public protocol SteppedRefiner: TileRefiner {
  /// The side of a latent pixel, in image pixels; 1 if the maps are in pixels.
  var reduction: Int { get }
  /// The number of channels of the coarse map's latent, and of blends and estimates.
  var coarseChannels: Int { get }
  /// The number of channels of the image's latent.
  var imageChannels: Int { get }

  /// Returns the rows and columns of the latents of a tile, after padding to the size that the network requires.
  func latentSize(rows: Int, columns: Int) -> (rows: Int, columns: Int)

  /// Returns the steps in the order in which they run.
  func schedule(_ options: RefineOptions) -> [ProgressiveBlending.Step]

  /// Returns the inputs that all steps of a tile share; parameters are those of `refine`.
  func conditions(_ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64)
    -> RefineConditions

  /// Returns the denoiser's estimate of the fine map from a blend: `[1, row, column, coarseChannels]`, as the blend.
  func estimate(from blend: Tensor, _ conditions: RefineConditions, at step: Int) -> Tensor

  /// Returns the heights of a tile of `rows` × `columns` pixels from its last blend; result and errors as those of
  /// `refine`.
  func heights(from blend: Tensor, rows: Int, columns: Int, options: RefineOptions) throws
    -> Tensor
}

/// The inputs that all steps of a tile share.
public struct RefineConditions: Sendable {
  /// The coarse map or its latent: `[1, row, column, coarseChannels]`.
  public let coarse: Tensor
  /// The image or its latent: `[1, row, column, imageChannels]`.
  public let image: Tensor

  /// Creates conditions from a coarse map and an image, or from their latents.
  public init(coarse: Tensor, image: Tensor) {
    self.coarse = coarse
    self.image = image
  }
}
