import CGDAL

extension Dataset {
  /// Some bands in memory with fewer pixels, each the average of the valid ones that it covers.
  ///
  /// - Parameters:
  ///   - bands: Numbers from 1, which become 1, 2, …
  ///   - width: Columns wanted, at most those there are.
  ///   - height: Rows wanted, likewise.
  /// - Returns: The bands as Float32, in memory; nodata stays declared.
  /// - Throws: `.badData` or `.io` when reading fails.
  public borrowing func decimated(
    bands: [Int] = [1], width: Int, height: Int
  ) throws(RasterError) -> Dataset {
    let words = StringList(
      ["-of", "MEM", "-r", "average", "-outsize", "\(width)", "\(height)", "-ot", "Float32"]
        + bands.flatMap { ["-b", "\($0)"] })
    guard let options = GDALTranslateOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdal_translate does not understand its own options")
    }
    defer { GDALTranslateOptionsFree(options) }
    let (pointer, path) = (handle.pointer, path)
    let small = try gdal(.reading, path) { GDALTranslate("", pointer, options, nil) }
    return try Dataset(owning: DatasetHandle(pointer: small), path: path)
  }

  /// The same with a long side of at most so many pixels.
  public borrowing func decimated(
    bands: [Int] = [1], longSide: Int
  ) throws(RasterError) -> Dataset {
    let shrink = max(1, Double(max(width, height)) / Double(longSide))
    return try decimated(
      bands: bands, width: max(1, Int((Double(width) / shrink).rounded())),
      height: max(1, Int((Double(height) / shrink).rounded())))
  }
}
