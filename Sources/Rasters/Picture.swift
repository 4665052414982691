import CGDAL
import Grids

/// An 8-bit RGBA image for display, transparent where there is no data.
public struct Picture: Sendable, Hashable {
  /// Number of columns.
  public let width: Int
  /// Number of rows.
  public let height: Int
  /// The samples, `[row, column, channel]`, with the channels red, green, blue and opacity.
  public private(set) var samples: [UInt8]

  /// Creates a transparent image.
  public init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "an image has at least one pixel")
    (self.width, self.height) = (width, height)
    samples = [UInt8](repeating: 0, count: width * height * 4)
  }

  /// Creates a gray image from values in 0…1, `[row, column]`; values beyond are clamped, NaN is transparent.
  public init(gray values: [Float], width: Int) {
    self.init(width: width, height: values.count / width)
    precondition(values.count == width * height, "\(values.count) values in rows of \(width)")
    for (pixel, value) in values.enumerated() where !value.isNaN {
      let level = Self.level(value)
      set(pixel, level, level, level)
    }
  }

  /// Sets the color of a pixel, by its index in row order, and makes it opaque.
  public mutating func set(_ pixel: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    samples[pixel * 4] = red
    samples[pixel * 4 + 1] = green
    samples[pixel * 4 + 2] = blue
    samples[pixel * 4 + 3] = 255
  }

  /// Returns the 8-bit level of a value in 0…1; values beyond are clamped.
  public static func level(_ value: Float) -> UInt8 {
    UInt8((min(max(value, 0), 1) * 255).rounded())
  }

  /// Encodes the image as a PNG file.
  ///
  /// - Parameter text: The contents of `tEXt` chunks by keyword, as in the PNG specification, section 11.3.3.2:
  ///   "Software", "Comment", "Source" and so on.
  /// - Returns: The bytes of the file.
  /// - Throws: `.missingResource` if GDAL has no PNG driver, `.io` if encoding fails.
  public func png(text: [String: String] = [:]) throws(RasterError) -> [UInt8] {
    let temporaries = Temporaries(
      for: "/vsimem/picture", scratchDirectory: "/vsimem", suffix: ".png")
    try encode(to: temporaries.output, text: text)
    var size: UInt64 = 0
    guard let bytes = VSIGetMemFileBuffer(temporaries.output, &size, 0) else {
      throw RasterError(
        .io, "an image of \(width) × \(height) pixels could not be encoded as PNG")
    }
    return withExtendedLifetime(temporaries) {
      Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
    }
  }

  /// Writes a PNG file to GDAL's in-memory file system.
  private func encode(to path: String, text: [String: String]) throws(RasterError) {
    GDAL.register()
    guard let driver = GDALGetDriverByName("PNG") else {
      throw RasterError(
        .missingResource,
        "GDAL \(GDAL.version) has no PNG driver, which is needed to write images")
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
