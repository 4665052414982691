public import DepthModels
public import Tensors

/// A network whose answer is known: the height of a pixel is the mean of its channels.
public struct BrightnessModel: TileModel {
  public var tileSize: Int
  public var overlap: Int
  public var gsdRange: ClosedRange<Double>
  /// Gives each tile a scale and a shift of its own, as real networks do.
  public var hasMoods: Bool
  public var refiner: (any TileRefiner)?
  /// Added for each column to the right of the middle of what it is shown, as by a network that knows where light
  /// comes from.
  public var ramp: Float
  public var reliefRange: Float?
  /// Nil: as networks usually expect it.
  public var sunAzimuth: ClosedRange<Double>?

  public init(
    tileSize: Int = 512, overlap: Int = 128, gsdRange: ClosedRange<Double> = 15...60,
    hasMoods: Bool = false, refiner: (any TileRefiner)? = nil,
    ramp: Float = 0
  ) {
    self.tileSize = tileSize
    self.overlap = overlap
    self.gsdRange = gsdRange
    self.hasMoods = hasMoods
    self.refiner = refiner
    self.ramp = ramp
  }

  public var card: ModelCard {
    ModelCard(
      name: "brightness", summary: "the mean of the channels", licence: "none",
      gsdInMeters: gsdRange, sunAzimuthInDegrees: sunAzimuth, tileSize: tileSize, overlap: overlap,
      surface: "mixed")
  }

  public var identity: String { "brightness \(hasMoods)" }
  public var sizeMultiple: Int { 32 }

  public func coarseHeight(of image: Tensor) -> Tensor {
    var heights = stride(from: 0, to: image.scalars.count, by: 3).map { first in
      image.scalars[first..<first + 3].reduce(0, +) / 3
    }
    if hasMoods {
      let mood = Int(heights.reduce(0, +)) % 7
      for i in heights.indices { heights[i] = heights[i] / Float(mood + 1) + Float(100 * mood) }
    }
    let columns = image.shape[2]
    for i in heights.indices where ramp != 0 {
      heights[i] += ramp * (Float(i % columns) - Float(columns - 1) / 2)
    }
    return Tensor([1, image.shape[1], columns, 1], heights)
  }

  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
}
