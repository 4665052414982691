import CGDAL
public import Grids

/// Writes a single-band raster as a cloud-optimized GeoTIFF, which appears under its name complete or not at all.
///
/// Windows are written, in any order, to an uncompressed GeoTIFF in the scratch directory, or the raster is made of
/// files that have its parts. `finish` computes its statistics, copies it to a COG next to the destination, reads that
/// back pixel by pixel, waits for the disk and renames it. A writer that is dropped earlier leaves nothing behind.
public struct RasterWriter: ~Copyable {
  let path: String
  private(set) var description: RasterDescription
  private var scratch: Dataset
  private let temporaries: Temporaries

  /// Creates a writer after the same checks as `check`.
  ///
  /// - Parameters:
  ///   - path: The path of the output.
  ///   - scratchDirectory: A directory with room for the uncompressed samples.
  ///   - partDirectory: The directory of the unfinished COG, on the file system of `path`; nil for the directory of
  ///     `path`.
  ///   - description: The description of the raster.
  /// - Throws: The same errors as `check`, and `.cannotCreate` if the scratch file cannot be created.
  public init(
    creating path: String, scratchDirectory: String, partDirectory: String? = nil,
    _ description: RasterDescription
  ) throws(RasterError) {
    let size = description.width * description.height * description.sample.size
    let temporaries = try Self.checked(
      path, scratchDirectory, partDirectory, description, needing: size)
    let settings = PinnedSettings()
    defer { settings.release() }
    let scratch = try Self.scratch(
      temporaries.scratch, description, driver: "GTiff",
      options: ["TILED": "YES", "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE"])
    (self.path, self.description, self.temporaries) = (path, description, temporaries)
    self.scratch = scratch
  }

  /// Creates a writer of a raster whose pixels are a band of finished files; pixels outside of them are nodata.
  ///
  /// The files are read by `finish` and must exist until then.
  ///
  /// - Throws: The same errors as `check`.
  public init(
    mosaicking parts: [RasterPart], band: Int, creating path: String, scratchDirectory: String,
    partDirectory: String? = nil, _ description: RasterDescription
  ) throws(RasterError) {
    let temporaries = try Self.checked(
      path, scratchDirectory, partDirectory, description, needing: 0)
    let settings = PinnedSettings()
    defer { settings.release() }
    var scratch = try Self.scratch(temporaries.mosaic, description, driver: "VRT", options: [:])
    for part in parts {
      try scratch.set(1, "part \(part.path)") {
        GDALSetMetadataItem($0, "source_0", part.source(band: band), "new_vrt_sources")
      }
    }
    (self.path, self.description, self.temporaries) = (path, description, temporaries)
    self.scratch = scratch
  }

  private static func scratch(
    _ path: String, _ description: RasterDescription, driver: String, options: [String: String]
  ) throws(RasterError) -> Dataset {
    var scratch = try Dataset(
      creating: path, driver: driver, width: description.width, height: description.height,
      bands: 1, type: description.sample.name, options: options)
    try scratch.setNoData(Double(description.noData), band: 1)
    try scratch.setDescription(description.bandDescription, band: 1)
    try scratch.setUnit(description.unit, band: 1)
    try scratch.setCategories(description.categories, band: 1)
    try scratch.setMetadata(description.metadata)
    try scratch.setGeoreferencing(description.georeferencing)
    return scratch
  }

  /// Throws if the raster could not be written; call it before a long computation.
  ///
  /// - Throws: `.usage` if GDAL's COG driver does not know a creation option, or the option would change the grid or
  ///   the pixels; `.cannotCreate` if `path` (or a sidecar of it) exists and may not be replaced, or a directory is
  ///   missing or not writable; `.io` if the scratch directory has too little free space.
  public static func check(
    creating path: String, scratchDirectory: String, _ description: RasterDescription
  ) throws(RasterError) {
    let size = description.width * description.height * description.sample.size
    _ = try checked(path, scratchDirectory, nil, description, needing: size)
  }

  private static func checked(
    _ path: String, _ scratchDirectory: String, _ partDirectory: String?,
    _ description: RasterDescription, needing needed: Int
  ) throws(RasterError) -> Temporaries {
    GDAL.register()
    let temporaries = Temporaries(
      for: path, scratchDirectory: scratchDirectory, partDirectory: partDirectory)
    try temporaries.requireReplaceable(overwrite: description.overwrite)
    let output = COGWriter(path: path, temporary: temporaries.output, description: description)
    try output.requireFaithfulOptions()
    try output.requireKnownOptions()
    for directory in [FileSystem.directory(of: path), scratchDirectory] {
      try temporaries.requireWritable(directory)
    }
    if let free = FileSystem.freeSpace(in: scratchDirectory), free < needed {
      throw RasterError(.io, "\(scratchDirectory) has \(free) bytes free, expected \(needed)")
    }
    return temporaries
  }

  /// Writes the values of a window, `[row, column]`; pixels that are never written are nodata.
  ///
  /// - Throws: `.badData` if the sample type cannot hold a value (Float32 holds only finite values), or if a value is
  ///   so close to nodata that GDAL would treat it as nodata; `.io` if writing fails.
  public mutating func write(_ window: Window, _ values: Span<Float>) throws(RasterError) {
    precondition(values.count == window.pixelCount, "one value for each pixel")
    let noData = description.noData
    for index in values.indices {
      let value = values[index]
      if value == noData || (value.isNaN && noData.isNaN) { continue }
      guard
        description.sample.holds(value),
        !isSameSample(Double(value), Double(noData), epsilon: Double(Float.ulpOfOne))
      else {
        let (row, column) = index.quotientAndRemainder(dividingBy: window.width)
        throw RasterError(
          .badData,
          "\(path): the value at column \(window.column + column), row \(window.row + row) is"
            + " \(value), expected \(description.sample == .byte ? "0 to 255" : "a finite value")"
            + " or the nodata value \(noData)")
      }
    }
    try scratch.write(window, band: 1, values)
  }

  /// Adds metadata to the dataset that is known only after the pixels have been computed.
  public mutating func addMetadata(_ items: [String: String]) throws(RasterError) {
    guard !items.isEmpty else { return }
    description.metadata.merge(items) { $1 }
    // GDAL replaces the whole domain, which also contains AREA_OR_POINT.
    try scratch.setMetadata(scratch.metadata().merging(items) { $1 })
  }

  /// Removes the temporary files that killed writers of a raster or image have left next to its path.
  ///
  /// - Precondition: No other process is writing to the path.
  public static func removeLeftovers(of path: String) {
    Temporaries.removeLeftovers(of: path)
  }

  /// Finishes the raster and moves it to its path.
  ///
  /// `progress` is called with 0 to 1; it returns false to cancel.
  ///
  /// - Returns: The raster and its statistics.
  /// - Throws: `.io` if the disk is full, or if the finished file differs from the expected raster in any way;
  ///   `.cancelled`. In either case nothing appears under the path, and no files are left next to it.
  public consuming func finish(progress: (Double) -> Bool = { _ in true }) throws(RasterError)
    -> WrittenRaster
  {
    try verified(progress: progress).commit()
  }

  /// Finishes the raster like `finish`, but keeps it under its temporary name until it is committed.
  ///
  /// Use it to write several related rasters that appear together when all are complete.
  public consuming func verified(progress: (Double) -> Bool = { _ in true }) throws(RasterError)
    -> VerifiedRaster
  {
    let (path, description, temporaries) = (self.path, self.description, self.temporaries)
    // Parts are read from the top: GDAL would keep 100 of them open, with their blocks.
    let settings = PinnedSettings(
      PinnedSettings.ofOutputs.merging(["GDAL_MAX_DATASET_POOL_SIZE": "4"]) { $1 })
    defer { settings.release() }
    try scratch.flush()
    let statistics = try scratch.statistics(band: 1, noData: description.noData) {
      progress(0.1 * $0)
    }
    let items = RasterStatistics.metadata(
      statistics, pixels: description.width * description.height)
    try scratch.setMetadata(items, band: 1)
    let pixels = scratch.path
    try scratch.close()

    let source = try Dataset(reading: pixels)
    let output = COGWriter(path: path, temporary: temporaries.output, description: description)
    try output.copy(source) { progress(0.1 + 0.6 * $0) }
    try output.addSidecar()
    try output.verify(against: source, statistics: items) { progress(0.7 + 0.3 * $0) }
    guard let bytes = FileSystem.size(of: temporaries.output) else {
      throw RasterError(.io, "\(temporaries.output) was removed while it was written")
    }
    return VerifiedRaster(
      path: path, bytes: bytes, statistics: statistics, temporaries: temporaries)
  }
}

/// A complete raster under a temporary name; unless it is committed, the last copy of this value removes it.
public struct VerifiedRaster: Sendable {
  let path: String
  let bytes: Int
  let statistics: RasterStatistics?
  let temporaries: Temporaries

  /// Moves the raster to its path.
  ///
  /// - Throws: `.io` if the rename fails; nothing then appears under the path.
  public func commit() throws(RasterError) -> WrittenRaster {
    WrittenRaster(
      path: path, bytes: bytes, sidecars: try temporaries.commit(), statistics: statistics)
  }
}
