import CGDAL
public import Grids

extension Dataset {
  /// Reads the bands of a window and which of its pixels are valid.
  ///
  /// - Parameters:
  ///   - window: inside the dataset.
  ///   - bands: numbers from 1, in the order of the channels wanted; at least one.
  ///   - validity: when nodata makes a pixel invalid.
  /// - Returns: samples as stored (no scale or offset applied), converted to Float32; NaN where a sample holds its
  ///   band's nodata, and in all bands of an invalid pixel.
  /// - Throws: `.usage` when there is no such band, `.badData` when the file is damaged or a band is complex,
  ///   `.io` when reading fails.
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

  /// Reads one band of a window, `[row, column]`, whatever its validity; otherwise as `read(_:bands:validity:)`.
  public borrowing func read(_ window: Window, band: Int) throws(RasterError) -> [Float] {
    try requireReadable([band])
    return try samples(window, [band], as: Float.self)
  }

  private borrowing func requireReadable(_ numbers: [Int]) throws(RasterError) {
    for number in numbers {
      guard bands.indices.contains(number - 1) else {
        throw RasterError(.usage, "\(path) has no band \(number): it has 1 to \(bands.count)")
      }
      let type = bands[number - 1].sampleType
      guard !type.isComplex else {
        throw RasterError(
          .badData, "band \(number) of \(path) is \(type.name): complex samples are no image")
      }
    }
  }

  /// Samples of some bands, `[row, column, channel]`, in GDAL's conversion.
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

  borrowing func requireInside(_ window: Window) {
    precondition(
      window.isEmpty || grid.window.contains(window),
      "window \(window) is not inside \(path), which is \(width)x\(height)")
  }
}

/// A number that GDAL can read samples into.
protocol RasterSample: BitwiseCopyable, ExpressibleByIntegerLiteral {
  static var gdalType: GDALDataType { get }
}

extension Float: RasterSample { static var gdalType: GDALDataType { GDT_Float32 } }
extension Double: RasterSample { static var gdalType: GDALDataType { GDT_Float64 } }
extension UInt8: RasterSample { static var gdalType: GDALDataType { GDT_Byte } }
