import Grids
import Rasters

/// A window of one raster, paired with a second raster of the window's size.
struct RasterPair: ~Copyable {
  private let first: Dataset
  private let window: Window
  private let second: Dataset

  /// Opens both rasters.
  ///
  /// - Throws: `RasterError` if one cannot be read; `SceneError` if the second does not have the window's size.
  init(_ first: String, _ window: Window, _ second: String) throws {
    let reference = try Dataset(reading: first)
    let other = try Dataset(reading: second)
    guard (other.width, other.height) == (window.width, window.height) else {
      throw SceneError(
        .badData,
        "\(second) has \(other.width) × \(other.height) pixels, expected \(window.width) × "
          + "\(window.height)")
    }
    self.window = window
    self.first = reference
    self.second = other
  }

  /// Calls `body` for each strip with the heights of both rasters, NaN where there is none, and the share of rows read.
  borrowing func forEachStrip(
    _ body: (_ first: [Float], _ second: [Float], _ share: Double) throws -> Void
  ) throws {
    for strip in window.strips {
      try Task.checkCancellation()
      try body(
        first.heights(in: strip), second.heights(in: strip.relative(to: window)),
        Double(strip.rows.upperBound - window.row) / Double(window.height))
    }
  }
}
