import Grids
import Rasters

/// Writes the quality layers strip by strip, together with the heights.
final class ConfidenceWriter {
  /// One layer and its writer; a class, because a noncopyable writer cannot be stored in an array.
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

  /// Starts writing the requested layers; nil if none is requested.
  ///
  /// - Parameters:
  ///   - output: The paths and kinds of the layers.
  ///   - heights: The description of the output that they belong to.
  ///   - metadata: Tags that identify the output.
  /// - Throws: The errors of `RasterWriter`.
  init?(
    _ output: OutputOptions, beside heights: RasterDescription, metadata: [String: String]
  ) throws {
    guard !output.confidence.isEmpty else { return nil }
    parts = try output.confidencePaths.map { raster, path in
      let description = raster.description(
        beside: heights, metadata: metadata, overwrite: try output.mayReplace(path))
      return Part(
        raster,
        try RasterWriter(
          creating: path, scratchDirectory: output.scratchFolder,
          partDirectory: output.scratchFolder,
          description), noData: description.noData)
    }
  }

  /// The number of layers.
  var count: Int { parts.count }

  /// Writes the layers of a window; `heights` are `[row, column]`, NaN where there is no height.
  func write(_ strip: ConfidenceStrip, at window: Window, where heights: [Float]) throws {
    for part in parts {
      let values = strip.values(of: part.raster, where: heights, noData: part.noData)
      try part.writer?.write(window, values.span)
    }
  }

  /// Finishes and verifies all layers, without giving them their final names.
  ///
  /// - Parameter progress: Called with the index of the layer and its completed fraction, 0…1; returning false cancels.
  /// - Returns: The verified rasters, in order.
  /// - Throws: The errors of `RasterWriter.verified`; no layer is left in that case.
  func verified(progress: (Int, Double) -> Bool) throws -> [VerifiedRaster] {
    try parts.indices.compactMap { number in
      guard let writer = parts[number].writer.take() else { return nil }
      return try writer.verified { progress(number, $0) }
    }
  }
}
