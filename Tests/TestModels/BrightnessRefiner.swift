public import DepthModels
public import Tensors

/// A refiner whose answer is known: the coarse heights as they are, or turned into a form without a ruler.
public struct BrightnessRefiner: TileRefiner {
  public var heightRange: RefinerArchitecture.HeightRange
  /// Added to what it gives, times the image's brightness of 0…1.
  public var detail: Float
  /// Added likewise, times a number of −1…1 that has nothing to do with the scene.
  public var noise: Float
  /// Added for each column to the right of the middle of what it is shown.
  public var ramp: Float
  public let steps = 6

  public init(
    heightRange: RefinerArchitecture.HeightRange = .shared, detail: Float = 0, noise: Float = 0,
    ramp: Float = 0
  ) {
    self.heightRange = heightRange
    self.detail = detail
    self.noise = noise
    self.ramp = ramp
  }

  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> Tensor {
    let heights = coarse.scalars.indices.map {
      coarse.scalars[$0] + detail * image.scalars[3 * $0] / 255
        + noise * (Float($0 * 7919 % 1009) / 504 - 1)
        + ramp * (Float($0 % image.shape[2]) - Float(image.shape[2] - 1) / 2)
    }
    let result = Tensor(coarse.shape, heights)
    return heightRange == .own || options.isLiteral ? result.minMaxNormalized() : result
  }

  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double { 0 }
}
