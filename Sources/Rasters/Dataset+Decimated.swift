import CGDAL

extension Dataset {
  /// Downsamples bands in memory; each pixel is the average of the valid pixels that it covers.
  ///
  /// - Parameters:
  ///   - bands: Band numbers from 1; in the result they are 1, 2, …
  ///   - width: Number of columns, at most that of the dataset.
  ///   - height: Number of rows, at most that of the dataset.
  /// - Returns: A dataset in memory of Float32 bands with the same nodata values.
  /// - Throws: `.badData` or `.io` if reading fails.
  public borrowing func decimated(
    bands: [Int] = [1], width: Int, height: Int
  ) throws(RasterError) -> Dataset {
    let words = StringList(
      ["-of", "MEM", "-r", "average", "-outsize", "\(width)", "\(height)", "-ot", "Float32"]
        + bands.flatMap { ["-b", "\($0)"] })
    guard let options = GDALTranslateOptionsNew(words.pointer, nil) else {
      preconditionFailure("gdal_translate rejected its options")
    }
    defer { GDALTranslateOptionsFree(options) }
    let (pointer, path) = (handle.pointer, path)
    let small = try gdal(.reading, path) { GDALTranslate("", pointer, options, nil) }
    return try Dataset(owning: DatasetHandle(pointer: small), path: path)
  }

  /// Downsamples bands in memory so that the longer side has at most `longSide` pixels.
  public borrowing func decimated(
    bands: [Int] = [1], longSide: Int
  ) throws(RasterError) -> Dataset {
    let shrink = max(1, Double(max(width, height)) / Double(longSide))
    return try decimated(
      bands: bands, width: max(1, Int((Double(width) / shrink).rounded())),
      height: max(1, Int((Double(height) / shrink).rounded())))
  }
}
