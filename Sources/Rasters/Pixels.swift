/// The samples of a window and the validity of its pixels.
public struct Pixels: Sendable {
  /// Number of columns.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// Number of channels, which are the requested bands in order.
  public let channels: Int
  /// The samples, `[row, column, channel]`; NaN where a sample is missing, and in all channels of an invalid pixel.
  public var values: [Float]
  /// The validity of each pixel, `[row, column]`.
  public var isValid: [Bool]

  /// Creates pixels from samples `[row, column, channel]` and validity `[row, column]`.
  public init(width: Int, height: Int, channels: Int, values: [Float], isValid: [Bool]) {
    precondition(
      values.count == width * height * channels && isValid.count == width * height,
      "one value for each channel of each pixel, and one validity for each pixel")
    self.width = width
    self.height = height
    self.channels = channels
    self.values = values
    self.isValid = isValid
  }
}
