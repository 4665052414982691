import CGDAL
import Grids

/// A picture for people: 8 bits of red, green and blue, transparent where there is nothing to see.
public struct Picture: Sendable, Hashable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// `[row, column, channel]`: red, green, blue and opacity.
  public private(set) var samples: [UInt8]

  /// A transparent one.
  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a picture has at least one pixel")
    (self.width, self.height) = (width, height)
    samples = [UInt8](repeating: 0, count: width * height * 4)
  }

  /// A grey one of values 0…1, `[row, column]`; beyond is black or white, NaN is transparent.
  public init(gray values: [Float], width: Int) {
    self.init(width: width, height: values.count / width)
    precondition(values.count == width * height, "\(values.count) values in rows of \(width)")
    for (pixel, value) in values.enumerated() where !value.isNaN {
      let level = Self.level(value)
      set(pixel, level, level, level)
    }
  }

  /// Colours one pixel, counted row by row, and makes it opaque.
  public mutating func set(_ pixel: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    samples[pixel * 4] = red
    samples[pixel * 4 + 1] = green
    samples[pixel * 4 + 2] = blue
    samples[pixel * 4 + 3] = 255
  }

  /// What stands for a value of 0…1.
  public static func level(_ value: Float) -> UInt8 {
    UInt8((min(max(value, 0), 1) * 255).rounded())
  }

  /// The bytes of a PNG file.
  ///
  /// - Parameter text: what is kept in `tEXt` chunks under the keywords of the PNG specification, section 11.3.3.2:
  ///   "Software", "Comment", "Source" and so on.
  /// - Returns: the whole file.
  /// - Throws: `.missingResource` where GDAL has no PNG driver, `.io` when encoding fails.
  public func png(text: [String: String] = [:]) throws(RasterError) -> [UInt8] {
    let temporaries = Temporaries(
      for: "/vsimem/picture", scratchDirectory: "/vsimem", suffix: ".png")
    try encode(to: temporaries.output, text: text)
    var size: UInt64 = 0
    guard let bytes = VSIGetMemFileBuffer(temporaries.output, &size, 0) else {
      throw RasterError(.io, "a picture of \(width) × \(height) pixels could not be encoded")
    }
    return withExtendedLifetime(temporaries) {
      Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
  }

  /// Writes a PNG file in GDAL's memory.
  private func encode(to path: String, text: [String: String]) throws(RasterError) {
    GDAL.register()
    guard let driver = GDALGetDriverByName("PNG") else {
      throw RasterError(.missingResource, "GDAL \(GDAL.version) has no PNG driver, expected one")
    }
    var dataset = try Dataset(
      creating: "", driver: "MEM", width: width, height: height, bands: 4, type: "Byte")
    let colors: [ColorInterpretation] = [.red, .green, .blue, .alpha]
    for (channel, color) in colors.enumerated() {
      try dataset.setColorInterpretation(color, band: channel + 1)
      let values = stride(from: channel, to: samples.count, by: 4).map { Float(samples[$0]) }
      try dataset.write(dataset.grid.window, band: channel + 1, values.span)
    }
    if !text.isEmpty { try dataset.setMetadata(text) }
    let pointer = dataset.handle.pointer
    let options = StringList(["WRITE_METADATA_AS_TEXT=\(text.isEmpty ? "NO" : "YES")"])
    let written = try gdal(.writing, path) {
      GDALCreateCopy(driver, path, pointer, 1, options.pointer, nil, nil)
    }
    try DatasetHandle(pointer: written).close(path)
  }
}
