public import Tensors

/// A refiner whose way can be taken step by step, so that tiles are refined side by side and agree in between.
///
/// A tile's way is its conditions, then an estimate for each step of the schedule, each from a blend of the coarse map and
/// the estimate before, then heights from the last blend. `refine` takes all of it at once, to the same bits.
public protocol SteppedRefiner: TileRefiner {
  /// Pixels along each side of a cell of the latent maps; 1 where they are pixels.
  var reduction: Int { get }
  /// The numbers in each cell of the coarse map's latent, and of the blends and estimates.
  var coarseChannels: Int { get }
  /// The numbers in each cell of the image's latent.
  var imageChannels: Int { get }

  /// Rows and columns of the latent maps of a tile: those of the tile, padded to what the network takes, in cells.
  func latentSize(rows: Int, columns: Int) -> (rows: Int, columns: Int)

  /// The steps that will be taken, in order.
  func schedule(_ options: RefineOptions) -> [ProgressiveBlending.Step]

  /// What all steps of a tile rest on; parameters as those of `refine`.
  func conditions(_ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64)
    -> RefineConditions

  /// The fine map as the denoiser sees it in a blend: `[1, row, column, coarseChannels]`, as the blend.
  func estimate(from blend: Tensor, _ conditions: RefineConditions, at step: Int) -> Tensor

  /// Heights of a tile of so many pixels from its last blend; result and errors as those of `refine`.
  func heights(from blend: Tensor, rows: Int, columns: Int, options: RefineOptions) throws
    -> Tensor
}

/// What a tile's refinement rests on from its first step to its last.
public struct RefineConditions: Sendable {
  /// `[1, row, column, coarseChannels]`: the coarse map, or its latent.
  public let coarse: Tensor
  /// `[1, row, column, imageChannels]`: the image, or its latent.
  public let image: Tensor

  public init(coarse: Tensor, image: Tensor) {
    self.coarse = coarse
    self.image = image
  }
}
