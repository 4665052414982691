import CGDAL
public import Grids

/// Writes a raster of one band as a cloud-optimized GeoTIFF that appears under its name only whole.
///
/// Windows go, in any order, into an uncompressed GeoTIFF in the scratch directory. `finish` measures its statistics,
/// copies it into a COG beside the destination, reads that back pixel by pixel, waits for the disk and renames.
/// A writer that is dropped before leaves nothing behind.
public struct RasterWriter: ~Copyable {
  let path: String
  private(set) var description: RasterDescription
  private var scratch: Dataset
  private let temporaries: Temporaries

  /// Begins; whatever can be refused is refused here, as by `check`.
  ///
  /// - Parameters:
  ///   - path: where the raster is to appear.
  ///   - scratchDirectory: where the samples of all pixels have room meanwhile.
  ///   - partDirectory: where the COG grows until it is whole, on the file system of `path`; nil: beside it.
  ///   - description: what the raster is.
  /// - Throws: as `check`, and `.cannotCreate` when the scratch file cannot be made.
  public init(
    creating path: String, scratchDirectory: String, partDirectory: String? = nil,
    _ description: RasterDescription
  ) throws(RasterError) {
    let temporaries = try Self.checked(path, scratchDirectory, partDirectory, description)
    let settings = PinnedSettings()
    defer { settings.release() }
    var scratch = try Dataset(
      creating: temporaries.scratch, width: description.width, height: description.height, bands: 1,
      type: description.sample.name,
      options: ["TILED": "YES", "BIGTIFF": "IF_SAFER", "SPARSE_OK": "TRUE"])
    try scratch.setNoData(Double(description.noData), band: 1)
    try scratch.setDescription(description.bandDescription, band: 1)
    try scratch.setUnit(description.unit, band: 1)
    try scratch.setCategories(description.categories, band: 1)
    try scratch.setMetadata(description.metadata)
    try scratch.setGeoreferencing(description.georeferencing)
    self.path = path
    self.description = description
    self.scratch = scratch
    self.temporaries = temporaries
  }

  /// Refuses what could not be written, for those who have long work to do before they write.
  ///
  /// - Throws: `.usage` when GDAL's COG driver doesn't know one of the creation options, or it would change the grid or
  ///   the pixels; `.cannotCreate` when
  ///   `path` (or a sidecar of it) exists and may not be replaced, or a directory is missing or not writable;
  ///   `.io` when the scratch directory has not enough room.
  public static func check(
    creating path: String, scratchDirectory: String, _ description: RasterDescription
  ) throws(RasterError) {
    _ = try checked(path, scratchDirectory, nil, description)
  }

  private static func checked(
    _ path: String, _ scratchDirectory: String, _ partDirectory: String?,
    _ description: RasterDescription
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
    let needed = description.width * description.height * description.sample.size
    if let free = FileSystem.freeSpace(in: scratchDirectory), free < needed {
      throw RasterError(.io, "\(scratchDirectory) has \(free) bytes free, expected \(needed)")
    }
    return temporaries
  }

  /// Writes the values of a window, `[row, column]`; pixels that are never written are nodata.
  ///
  /// - Throws: `.badData` when the samples cannot hold a value, which not even Float32 does unless it is finite, or
  ///   it is so near to nodata that GDAL would take it for that; `.io` when writing fails.
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
            + " \(value), expected \(description.sample == .byte ? "0 to 255" : "a finite one")"
            + " or nodata, which is \(noData)")
      }
    }
    try scratch.write(window, band: 1, values)
  }

  /// Adds to the dataset's metadata what is known only when the pixels are.
  public mutating func addMetadata(_ items: [String: String]) throws(RasterError) {
    guard !items.isEmpty else { return }
    description.metadata.merge(items) { $1 }
    // GDAL replaces the whole domain, in which AREA_OR_POINT is, too.
    try scratch.setMetadata(scratch.metadata().merging(items) { $1 })
  }

  /// Removes what writers of a raster or picture that were killed have left beside its path.
  ///
  /// - Precondition: no other process is writing it.
  public static func removeLeftovers(of path: String) {
    Temporaries.removeLeftovers(of: path)
  }

  /// Turns what was written into the raster at its path.
  ///
  /// `progress` is called with 0 to 1; answering false cancels.
  ///
  /// - Returns: what was written, with its statistics.
  /// - Throws: `.io` when the disk is full, or the finished file differs in anything from what it should be;
  ///   `.cancelled`. In either case nothing appears under the path, and nothing is left beside it.
  public consuming func finish(progress: (Double) -> Bool = { _ in true }) throws(RasterError)
    -> WrittenRaster
  {
    try verified(progress: progress).commit()
  }

  /// The same but for the last step: the raster is whole and waits under its temporary name.
  ///
  /// For those who write several that belong together, and let them appear when all are there.
  public consuming func verified(progress: (Double) -> Bool = { _ in true }) throws(RasterError)
    -> VerifiedRaster
  {
    let (path, description, temporaries) = (self.path, self.description, self.temporaries)
    let settings = PinnedSettings()
    defer { settings.release() }
    try scratch.flush()
    let statistics = try scratch.statistics(band: 1, noData: description.noData) {
      progress(0.1 * $0)
    }
    let items = RasterStatistics.metadata(
      statistics, pixels: description.width * description.height)
    try scratch.setMetadata(items, band: 1)
    try scratch.close()

    let source = try Dataset(reading: temporaries.scratch)
    let output = COGWriter(path: path, temporary: temporaries.output, description: description)
    try output.copy(source) { progress(0.1 + 0.6 * $0) }
    try output.addSidecar()
    try output.verify(against: source, statistics: items) { progress(0.7 + 0.3 * $0) }
    guard let bytes = FileSystem.size(of: temporaries.output) else {
      throw RasterError(.io, "\(temporaries.output) is gone")
    }
    return VerifiedRaster(
      path: path, bytes: bytes, statistics: statistics, temporaries: temporaries)
  }
}

/// A raster that is whole, and gone with the last copy of this unless it is put in its place.
public struct VerifiedRaster: Sendable {
  let path: String
  let bytes: Int
  let statistics: RasterStatistics?
  let temporaries: Temporaries

  /// Renames it to its path.
  ///
  /// - Throws: `.io` when that fails; then nothing appears under the path.
  public func commit() throws(RasterError) -> WrittenRaster {
    WrittenRaster(
      path: path, bytes: bytes, sidecars: try temporaries.commit(), statistics: statistics)
  }
}
