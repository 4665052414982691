public import DepthModels
public import Tensors

/// A network whose answer is known: the height of a pixel is the mean of its channels.
public struct BrightnessModel: TileModel {
  public var tileSize: Int
  public var overlap: Int
  public var gsdRange: ClosedRange<Double>
  /// Gives each tile a scale and a shift of its own, as real networks do.
  public var hasMoods: Bool

  public init(
    tileSize: Int = 512, overlap: Int = 128, gsdRange: ClosedRange<Double> = 15...60,
    hasMoods: Bool = false
  ) {
    self.tileSize = tileSize
    self.overlap = overlap
    self.gsdRange = gsdRange
    self.hasMoods = hasMoods
  }

  public var identity: String { "brightness \(tileSize) \(overlap) \(gsdRange) \(hasMoods)" }
  public var title: String { "brightness" }
  public var sizeMultiple: Int { 32 }

  public func coarseHeight(of image: Tensor) -> Tensor {
    let pixels = image.scalars.count / 3
    var heights = (0..<pixels).map { pixel in
      (image.scalars[3 * pixel] + image.scalars[3 * pixel + 1] + image.scalars[3 * pixel + 2]) / 3
    }
    if hasMoods {
      let mood = Int(heights.reduce(0, +)) % 7
      for i in heights.indices { heights[i] = heights[i] / Float(mood + 1) + Float(100 * mood) }
    }
    return Tensor([1, image.shape[1], image.shape[2], 1], heights)
  }

  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
  public func operationCount(rows: Int, columns: Int) -> Double { 0 }
}
