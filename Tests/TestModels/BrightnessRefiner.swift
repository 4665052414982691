public import DepthModels
public import Tensors

/// A refiner with a known result: the coarse heights, unchanged or normalized by their own range.
public struct BrightnessRefiner: TileRefiner {
  /// The range that heights are normalized by.
  public var heightRange: HeightRange
  /// The amplitude of added detail, which is proportional to the image's brightness in 0…1.
  public var detail: Float
  /// The amplitude of added noise in −1…1 that does not depend on the scene.
  public var noise: Float
  /// The slope added along rows, in height per column, with 0 at the middle of the input.
  public var ramp: Float
  /// The number of steps, which has no effect.
  public let steps = 6

  /// Creates a refiner.
  public init(
    heightRange: HeightRange = .shared, detail: Float = 0, noise: Float = 0,
    ramp: Float = 0
  ) {
    self.heightRange = heightRange
    self.detail = detail
    self.noise = noise
    self.ramp = ramp
  }

  /// Returns the coarse heights with the configured additions.
  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> Tensor {
    let heights = coarse.scalars.indices.map {
      coarse.scalars[$0] + detail * image.scalars[3 * $0] / 255
        + noise * (Float($0 * 7919 % 1009) / 504 - 1)
        + ramp * (Float($0 % image.shape[2]) - Float(image.shape[2] - 1) / 2)
    }
    let result = Tensor(coarse.shape, heights)
    return heightRange == .own || options.followsPaperExactly ? result.minMaxNormalized() : result
  }

  /// Returns the memory of one tile of heights, in bytes.
  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
  /// Returns 0.
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double { 0 }
}
