public import DepthModels
public import Tensors

/// A model with a known result: the height of a pixel is the mean of its channels.
public struct BrightnessModel: TileModel {
  /// The number of rows and columns of a tile.
  public var tileSize: Int
  /// The number of pixels that neighboring tiles share.
  public var overlap: Int
  /// The ground sampling distances in the model card, in meters.
  public var gsdRange: ClosedRange<Double>
  /// Whether each tile has its own scale and offset, as with real networks.
  public var hasPerTileCalibration: Bool
  /// The refiner, if any.
  public var refiner: (any TileRefiner)?
  /// The slope added along rows, in height per column, with 0 at the middle of the input.
  ///
  /// It resembles a network that has learned where the light comes from.
  public var ramp: Float
  /// The typical relief of a tile; nil if unknown.
  public var typicalRelief: Float?
  /// The range of sun azimuths in the model card; nil for the default range.
  public var sunAzimuth: ClosedRange<Double>?

  /// Creates a model.
  public init(
    tileSize: Int = 512, overlap: Int = 128, gsdRange: ClosedRange<Double> = 15...60,
    hasPerTileCalibration: Bool = false, refiner: (any TileRefiner)? = nil,
    ramp: Float = 0
  ) {
    self.tileSize = tileSize
    self.overlap = overlap
    self.gsdRange = gsdRange
    self.hasPerTileCalibration = hasPerTileCalibration
    self.refiner = refiner
    self.ramp = ramp
  }

  /// A model card with the given tiling and ranges.
  public var card: ModelCard {
    ModelCard(
      name: "brightness", summary: "the mean of the channels", licence: "none",
      gsdInMeters: gsdRange, sunAzimuthInDegrees: sunAzimuth, tileSize: tileSize, overlap: overlap,
      surface: "mixed")
  }

  /// A name that depends on whether tiles have their own scale and offset.
  public var identity: String { "brightness \(hasPerTileCalibration)" }
  /// The number that rows and columns of a tile must be multiples of.
  public var sizeMultiple: Int { 32 }

  /// Returns the mean of the channels of each pixel, after the optional distortions.
  public func coarseHeight(of image: Tensor) -> Tensor {
    var heights = stride(from: 0, to: image.scalars.count, by: 3).map { first in
      image.scalars[first..<first + 3].reduce(0, +) / 3
    }
    if hasPerTileCalibration {
      let calibration = Int(heights.reduce(0, +)) % 7
      for i in heights.indices {
        heights[i] = heights[i] / Float(calibration + 1) + Float(100 * calibration)
      }
    }
    let columns = image.shape[2]
    for i in heights.indices where ramp != 0 {
      heights[i] += ramp * (Float(i % columns) - Float(columns - 1) / 2)
    }
    return Tensor([1, image.shape[1], columns, 1], heights)
  }

  /// Returns the memory of one tile of heights, in bytes.
  public func peakBytes(rows: Int, columns: Int) -> Int { rows * columns * 4 }
}
