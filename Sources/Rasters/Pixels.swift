/// Samples of a window with the validity of its pixels.
public struct Pixels: Sendable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bands, in the order in which they were asked for.
  public let channels: Int
  /// Samples, `[row, column, channel]`; NaN where there is none, and in all channels of an invalid pixel.
  public var values: [Float]
  /// One for each pixel, `[row, column]`.
  public var isValid: [Bool]

  /// From samples `[row, column, channel]` and validity `[row, column]`.
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
