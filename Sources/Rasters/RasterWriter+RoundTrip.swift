import CGDAL
import Grids

/// A trial write that shows before a long computation whether its result can be written.
extension RasterWriter {
  /// Writes a small raster with the given description, reads it back under its final name, and removes it.
  ///
  /// This detects every combination of georeferencing, creation options and GDAL settings that loses information.
  ///
  /// - Parameters:
  ///   - directory: The directory of the trial.
  ///   - description: The description of the output; only its size is reduced.
  /// - Throws: `.usage` with the creation option or GDAL setting that prevents an exact round trip; otherwise the same
  ///   errors as `finish`.
  public static func checkRoundTrip(
    in directory: String, _ description: RasterDescription
  ) throws(RasterError) {
    var small = description
    small.overwrite = true
    // Above 512 pixels, the COG driver adds an overview.
    (small.width, small.height) = (min(small.width, side), min(small.height, side))
    guard let error = failure(in: directory, small) else { return }
    var plain = small
    plain.creationOptions = [:]
    if !small.creationOptions.isEmpty, failure(in: directory, plain) == nil {
      let culprit = small.creationOptions.keys.sorted().first { key in
        var without = small
        without.creationOptions[key] = nil
        return failure(in: directory, without) == nil
      }
      let names = (culprit.map { [$0] } ?? small.creationOptions.keys.sorted())
        .map { "\($0)=\(small.creationOptions[$0] ?? "")" }.joined(separator: ", ")
      throw RasterError(
        .usage,
        "the output would lose information with creation option \(names); remove it: "
          + error.message, earlier: error.earlier)
    }
    let settings = suspects.compactMap { key in GDAL.configuration(key).map { "\(key)=\($0)" } }
    guard !settings.isEmpty, error.kind != .io || error.message.contains("did not verify") else {
      throw error
    }
    throw RasterError(
      .usage,
      "the output would lose information with the GDAL settings "
        + "\(settings.joined(separator: ", ")); unset them: \(error.message)",
      earlier: error.earlier)
  }

  private static let side = 520

  /// GDAL settings that are known to change how a GeoTIFF or its sidecar is written or read.
  private static let suspects = [
    "GDAL_PAM_PROXY_DIR", "GDAL_GEOREF_SOURCES", "GTIFF_SRS_SOURCE", "GTIFF_ESRI_CITATION",
    "GTIFF_WRITE_TOWGS84", "GTIFF_REPORT_COMPD_CS", "GTIFF_LINEAR_UNITS", "GTIFF_VIRTUAL_MEM_IO",
    "GTIFF_DIRECT_IO", "GTIFF_PIXEL_PACKING", "GDAL_TIFF_DEFLATE_SUBCODEC", "CPL_TMPDIR",
    "GDAL_TIFF_ENDIANNESS", "GTIFF_WRITE_RAT_TO_PAM", "OSR_ADD_TOWGS84_ON_EXPORT_TO_WKT1",
    "OSR_STRIP_TOWGS84", "GDAL_SKIP",
  ]

  /// Writes and verifies a raster, and returns the error, if any.
  private static func failure(
    in directory: String, _ description: RasterDescription
  ) -> RasterError? {
    let path = FileSystem.join(directory, ".trial.tif")
    defer { for file in [path] + Temporaries.sidecars(of: path) { FileSystem.remove(file) } }
    do throws(RasterError) {
      var writer = try RasterWriter(
        creating: path, scratchDirectory: directory, partDirectory: directory, description)
      let window = Window(column: 0, row: 0, width: description.width, height: description.height)
      try writer.write(window, trialValues(description).span)
      let raster = try writer.verified()
      _ = try raster.commit()
      let settings = PinnedSettings()
      defer { settings.release() }
      try COGWriter(path: path, temporary: path, description: description).verify(
        against: Dataset(reading: raster.temporaries.scratch),
        statistics: RasterStatistics.metadata(raster.statistics, pixels: window.pixelCount)
      ) { _ in true }
      return nil
    } catch {
      return error
    }
  }

  /// Returns values that use all of their bits, and some nodata, which no lossy codec preserves.
  private static func trialValues(_ description: RasterDescription) -> [Float] {
    (0..<description.width * description.height).map { pixel in
      if pixel % 11 == 0 { return description.noData }
      let number = pixel * 7919 % 10_007
      return description.sample == .byte ? Float(number % 200 + 1) : Float(number) / 7001
    }
  }
}
