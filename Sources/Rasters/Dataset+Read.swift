import CGDAL
public import Grids

extension Dataset {
  /// Reads bands of a window and the validity of its pixels.
  ///
  /// - Parameters:
  ///   - window: A window inside the dataset.
  ///   - bands: Band numbers from 1, in the order of the resulting channels; at least one.
  ///   - validity: The rule for when nodata makes a pixel invalid.
  /// - Returns: Samples as stored (no scale or offset applied), converted to Float32; NaN for a sample that holds its
  ///   band's nodata value, and in all bands of an invalid pixel.
  /// - Throws: `.usage` if there is no such band, `.badData` if the file is damaged or a band is complex, `.io` if
  ///   reading fails.
  public borrowing func read(
    _ window: Window, bands: [Int], validity: ValidityRule = ValidityRule()
  )
    throws(RasterError) -> Pixels
  {
    precondition(!bands.isEmpty, "at least one band is read")
    try requireReadable(bands)
    var values = try samples(window, bands, as: Float.self)
    let isValid = try self.validity(of: window, bands, &values, validity)
    return Pixels(
      width: window.width, height: window.height, channels: bands.count, values: values,
      isValid: isValid)
  }

  /// Reads one band of a window, `[row, column]`, regardless of validity; otherwise like `read(_:bands:validity:)`.
  public borrowing func read(_ window: Window, band: Int) throws(RasterError) -> [Float] {
    try requireReadable([band])
    return try samples(window, [band], as: Float.self)
  }

  private borrowing func requireReadable(_ numbers: [Int]) throws(RasterError) {
    for number in numbers {
      guard bands.indices.contains(number - 1) else {
        throw RasterError(
          .usage, "\(path) has no band \(number): it has bands 1 to \(bands.count)")
      }
      let type = bands[number - 1].sampleType
      guard !type.isComplex else {
        throw RasterError(
          .badData,
          "band \(number) of \(path) has complex samples (\(type.name)), expected real samples")
      }
    }
  }

  /// Reads samples of several bands, `[row, column, channel]`, as converted by GDAL.
  borrowing func samples<Sample: RasterSample>(
    _ window: Window, _ numbers: [Int], as type: Sample.Type
  ) throws(RasterError) -> [Sample] {
    requireInside(window)
    guard !window.isEmpty else { return [] }
    var result = [Sample](repeating: 0, count: window.pixelCount * numbers.count)
    var list = numbers.map(Int32.init)
    let size = MemoryLayout<Sample>.stride
    let pixel = Int64(size * numbers.count)
    try gdal(.reading, "\(path): window \(window)") {
      GDALDatasetRasterIOEx(
        handle.pointer, GF_Read, Int32(window.column), Int32(window.row), Int32(window.width),
        Int32(window.height), &result, Int32(window.width), Int32(window.height), Sample.gdalType,
        Int32(list.count), &list, pixel, pixel * Int64(window.width), Int64(size), nil)
    }
    return result
  }

  /// Traps if a window that is not empty extends beyond the dataset.
  borrowing func requireInside(_ window: Window) {
    precondition(
      window.isEmpty || grid.window.contains(window),
      "window \(window) is not inside \(path), which is \(width)x\(height)")
  }
}

/// A numeric type that GDAL can read samples into.
protocol RasterSample: BitwiseCopyable, ExpressibleByIntegerLiteral {
  static var gdalType: GDALDataType { get }
}

extension Float: RasterSample { static var gdalType: GDALDataType { GDT_Float32 } }
extension Double: RasterSample { static var gdalType: GDALDataType { GDT_Float64 } }
extension UInt8: RasterSample { static var gdalType: GDALDataType { GDT_Byte } }
