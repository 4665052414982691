import CGDAL
import Grids

/// Copies a scratch raster into a cloud-optimized GeoTIFF and verifies that nothing was lost.
struct COGWriter {
  let path: String
  let temporary: String
  let description: RasterDescription

  /// The driver's creation options: our defaults, overridden by the caller's.
  var options: [String: String] {
    let ours = [
      "COMPRESS": GDAL.hasZstandard ? "ZSTD" : "DEFLATE",
      "PREDICTOR": "YES",  // the floating-point predictor for Float32
      // The driver's default, cubic, rings around nodata; class numbers must not be interpolated.
      "OVERVIEW_RESAMPLING": description.sample == .float32 ? "AVERAGE" : "MODE",
      "BIGTIFF": "IF_SAFER",  // IF_NEEDED cannot predict the compressed size
      "NUM_THREADS": "ALL_CPUS",  // blocks are compressed independently, so the bytes are the same
    ]
    return ours.merging(description.creationOptions.map { ($0.key.uppercased(), $0.value) }) { $1 }
  }

  private func driver() throws(RasterError) -> GDALDriverH {
    guard let driver = GDALGetDriverByName("COG") else {
      throw RasterError(
        .missingResource,
        "GDAL \(GDAL.version) has no COG driver, which is needed to write the output")
    }
    return driver
  }

  /// Throws if the driver would only warn about an option and then ignore it.
  func requireKnownOptions() throws(RasterError) {
    let driver = try driver()
    let list = StringList(options)
    let (areKnown, log) = logging { GDALValidateCreationOptions(driver, list.pointer) }
    guard areKnown != 0, log.warnings.isEmpty else {
      throw RasterError(
        .usage, "\(path): \(log.warnings.last ?? "a creation option is unknown")",
        earlier: log.warnings.dropLast())
    }
  }

  /// Throws if an option would change the grid or the pixels, or applies only when the driver changes the grid.
  ///
  /// `RasterWriter.checkRoundTrip` detects all other problems with options.
  func requireFaithfulOptions() throws(RasterError) {
    for (key, value) in description.creationOptions.sorted(by: { $0.key < $1.key }) {
      guard let reason = rejection(of: key.uppercased(), value.uppercased()) else { continue }
      throw RasterError(
        .usage, "\(path): creation option \(key)=\(value) \(reason): remove it")
    }
  }

  /// Returns why an option, in upper case, is not allowed; nil if it is.
  private func rejection(of key: String, _ value: String) -> String? {
    switch (key, value) {
    case ("TILING_SCHEME", "CUSTOM"), ("ADD_ALPHA", "NO"), ("ADD_ALPHA", "FALSE"),
      ("ADD_ALPHA", "OFF"), ("NBITS", "32"):
      return nil
    case ("TILING_SCHEME", _), ("TARGET_SRS", _), ("RES", _), ("EXTENT", _), ("ALIGNED_LEVELS", _),
      ("ZOOM_LEVEL", _), ("ZOOM_LEVEL_STRATEGY", _), ("WARP_RESAMPLING", _), ("ADD_ALPHA", _):
      return "applies to a grid other than the output's (run gdalwarp on the output instead)"
    case ("COMPRESS", "JPEG"), ("COMPRESS", "WEBP"), ("NBITS", _):
      return "cannot store \(description.sample.name) samples without loss"
    case ("MAX_Z_ERROR", _), ("MAX_Z_ERROR_OVERVIEW", _):
      return Double(value) == 0 ? nil : "changes heights"
    case ("BIGTIFF", "NO"), ("BIGTIFF", "IF_NEEDED"):
      let bytes = description.width * description.height * description.sample.size
      return bytes / 3 * 4 > 4_000_000_000 ? "may not hold an output of this size" : nil
    default: return nil
    }
  }

  /// Copies the scratch raster into a COG under the temporary name.
  ///
  /// - Throws: `.io` with the free disk space when writing fails; `.cancelled`.
  func copy(_ source: borrowing Dataset, progress: (Double) -> Bool) throws(RasterError) {
    let driver = try driver()
    let list = StringList(options)
    let pointer = source.handle.pointer
    do throws(RasterError) {
      let copy = try gdalDataset(path, progress: progress) { function, data in
        GDALCreateCopy(
          driver, GuardedFiles.name(temporary), pointer, 1, list.pointer, function, data)
      }
      try copy.close(path)
    } catch {
      guard error.kind == .io,
        let free = FileSystem.freeSpace(in: FileSystem.directory(of: path))
      else { throw error }
      throw RasterError(
        .io, "\(error.message) (\(free) bytes are free there)", earlier: error.earlier)
    }
  }

  /// Writes what the GeoTIFF did not keep into a PAM sidecar.
  ///
  /// Examples are the names of ground control points, and the last bits of a geotransform, which are lost to the
  /// half-pixel shift of AREA_OR_POINT=Point.
  func addSidecar() throws(RasterError) {
    let wanted = description.georeferencing
    let written = try Dataset(reading: GuardedFiles.name(temporary))
    let found = written.georeferencing
    let pointer = written.handle.pointer  // opened read-only, so that GDAL writes a sidecar
    let lacksMap =
      found.geoTransform?.bits != wanted.geoTransform?.bits || !found.hasSameCRS(as: wanted)
    if lacksMap {
      // A transform in a sidecar hides all georeferencing keys of the file, so all of it goes there.
      if let crs = wanted.crs { try wanted.apply(crs, to: pointer, path: path) }
      if let geoTransform = wanted.geoTransform {
        try wanted.apply(geoTransform, to: pointer, path: path)
      }
    }
    if let areaOrPoint = wanted.areaOrPoint, lacksMap || !found.hasSameAreaOrPoint(as: wanted) {
      try wanted.apply(areaOrPoint: areaOrPoint, to: pointer, path: path)
    }
    if wanted.kind == .groundControl, !found.hasSameGroundControl(as: wanted) {
      try wanted.applyGroundControl(to: pointer, path: path)
    }
    let controlPoints = StringList(wanted.groundControlMetadata)
    if controlPoints.pointer != nil {
      try gdal(.writing, "\(path): ground control points") {
        GDALSetMetadata(pointer, controlPoints.pointer, Georeferencing.groundControlDomain)
      }
    }
    if !found.hasSameRationalPolynomials(as: wanted) {
      try wanted.applyRationalPolynomials(to: pointer, path: path)
    }
    try written.close()
  }
}

extension GDAL {
  /// Whether the COG driver's libtiff was built with Zstandard.
  static var hasZstandard: Bool {
    guard let driver = GDALGetDriverByName("COG"),
      let list = GDALGetMetadataItem(driver, GDAL_DMD_CREATIONOPTIONLIST, nil)
    else { return false }
    return String(cString: list).contains("<Value>ZSTD</Value>")
  }
}
