import CGDAL

/// What one whole number of a raster of classes stands for, and the colour in which it is shown.
///
/// GDAL keeps the colours in the file and the names in its sidecar (`.aux.xml`); QGIS shows both by itself.
public struct RasterCategory: Sendable, Hashable {
  /// As a legend has it.
  public var name: String
  /// 0…255, as the two below.
  public var red: UInt8
  /// The green of the colour.
  public var green: UInt8
  /// The blue of the colour.
  public var blue: UInt8

  public init(_ name: String, red: UInt8, green: UInt8, blue: UInt8) {
    self.name = name
    self.red = red
    self.green = green
    self.blue = blue
  }
}

extension Dataset {
  /// The categories of a band, that of the number 0 first; none where the file has no names for them.
  ///
  /// - Precondition: the dataset has such a band.
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

  /// Says what the numbers of a band stand for, from 0 on; before the first pixel is written.
  public mutating func setCategories(_ categories: [RasterCategory], band: Int)
    throws(RasterError)
  {
    guard !categories.isEmpty else { return }
    try set(band, "category names") {
      let names = StringList(categories.map(\.name))
      return GDALSetRasterCategoryNames($0, names.pointer)
    }
    try set(band, "colour table") {
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
