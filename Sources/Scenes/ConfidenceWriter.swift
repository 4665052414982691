import Grids
import Rasters

/// The rasters of confidence while they are written, strip by strip beside the heights.
final class ConfidenceWriter {
  /// One of them; a class, as a writer cannot be copied into an array.
  private final class Part {
    let raster: ConfidenceRaster
    let noData: Float
    var writer: RasterWriter?

    init(_ raster: ConfidenceRaster, _ writer: consuming RasterWriter, noData: Float) {
      self.raster = raster
      self.noData = noData
      self.writer = consume writer
    }
  }

  private let parts: [Part]

  /// Begins those that are asked for; nil where none is.
  ///
  /// - Parameters:
  ///   - output: Where they go, and which.
  ///   - heights: The description of the output that they are about.
  ///   - metadata: Tags that say where they come from.
  /// - Throws: `RasterError` as `RasterWriter`.
  init?(
    _ output: OutputOptions, beside heights: RasterDescription, metadata: [String: String]
  ) throws {
    guard !output.confidence.isEmpty else { return nil }
    parts = try output.confidencePaths.map { raster, path in
      let description = raster.description(
        beside: heights, metadata: metadata, overwrite: output.mayReplace(path))
      return Part(
        raster,
        try RasterWriter(
          creating: path, scratchDirectory: output.storeFolder, partDirectory: output.storeFolder,
          description), noData: description.noData)
    }
  }

  /// How many rasters they are.
  var count: Int { parts.count }

  /// Writes what is told of the heights of a window, [row, column], NaN where there are none.
  func write(_ strip: ConfidenceStrip, at window: Window, where heights: [Float]) throws {
    for part in parts {
      let values = strip.values(of: part.raster, where: heights, noData: part.noData)
      try part.writer?.write(window, values.span)
    }
  }

  /// Finishes them all but for their names.
  ///
  /// - Parameter progress: Called with the number of the raster and its share of 0 to 1; answering false cancels.
  /// - Returns: Those that are whole now, in their order.
  /// - Throws: As `RasterWriter.verified`; then none of them is left.
  func verified(progress: (Int, Double) -> Bool) throws -> [VerifiedRaster] {
    try parts.indices.compactMap { number in
      guard let writer = parts[number].writer.take() else { return nil }
      return try writer.verified { progress(number, $0) }
    }
  }
}
