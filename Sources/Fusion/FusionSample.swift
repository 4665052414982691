/// A part of a scene in memory, and the part of a reference that covers it.
public struct FusionSample: Sendable {
  /// The cells of the reference and their size in pixels.
  public let spline: CellSpline
  /// The heights, `[row, column]` of cells, without missing values.
  public let reference: [Float]
  /// The logarithm of the brightness of each band, `[row, column]` of pixels, without missing values.
  public let bands: [[Float]]

  /// Creates a sample.
  public init(_ reference: [Float], bands: [[Float]], on spline: CellSpline) {
    (self.spline, self.reference, self.bands) = (spline, reference, bands)
  }
}
