import CGDAL

/// The name and color of one class in a raster of classes.
///
/// GDAL stores the colors in the file and the names in its sidecar (`.aux.xml`); QGIS shows both automatically.
public struct RasterCategory: Sendable, Hashable {
  /// The name in a legend.
  public var name: String
  /// The red component of the color.
  public var red: UInt8
  /// The green component of the color.
  public var green: UInt8
  /// The blue component of the color.
  public var blue: UInt8

  /// Creates a category.
  public init(_ name: String, red: UInt8, green: UInt8, blue: UInt8) {
    self.name = name
    self.red = red
    self.green = green
    self.blue = blue
  }
}

extension Dataset {
  /// Returns the categories of a band, starting with class 0; empty if the file has no category names.
  ///
  /// - Precondition: The dataset has such a band.
  public borrowing func categories(band: Int) -> [RasterCategory] {
    let target = gdalBand(band)
    let table = GDALGetRasterColorTable(target)  // NULL where there is none
    return words(GDALGetRasterCategoryNames(target)).enumerated().map { number, name in
      let color = table.flatMap { GDALGetColorEntry($0, Int32(number))?.pointee }
      let channel = { (value: Int16?) in UInt8(clamping: value ?? 0) }
      return RasterCategory(
        name, red: channel(color?.c1), green: channel(color?.c2), blue: channel(color?.c3))
    }
  }

  /// Sets the categories of a band, starting with class 0; call it before writing the first pixel.
  public mutating func setCategories(_ categories: [RasterCategory], band: Int)
    throws(RasterError)
  {
    guard !categories.isEmpty else { return }
    try set(band, "category names") {
      let names = StringList(categories.map(\.name))
      return GDALSetRasterCategoryNames($0, names.pointer)
    }
    try set(band, "color table") {
      let table = GDALCreateColorTable(GPI_RGB)
      defer { GDALDestroyColorTable(table) }
      for (number, category) in categories.enumerated() {
        var color = GDALColorEntry(
          c1: Int16(category.red), c2: Int16(category.green), c3: Int16(category.blue), c4: 255)
        GDALSetColorEntry(table, Int32(number), &color)
      }
      return GDALSetRasterColorTable($0, table)
    }
  }
}
