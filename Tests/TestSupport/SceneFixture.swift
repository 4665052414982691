import Foundation
import Grids
public import Rasters

/// A configurable, georeferenced scene of smooth hills with texture.
public struct SceneFixture {
  /// The number of columns.
  public var width = 300
  /// The number of rows.
  public var height = 220
  /// The number of bands.
  public var bands = 3
  /// The name of the sample type.
  public var type = "UInt16"
  /// The nodata value of all bands.
  public var noData: Double? = 65535
  /// The GDAL creation options.
  public var options: [String: String] = [:]
  /// The location: by default UTM with pixels of 30 m.
  public var georeferencing = Georeferencing(
    geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, -30]))
  /// The reduction factors of the overviews in the file.
  public var overviews: [Int] = []
  /// Whether a pixel holds nodata in all bands.
  public var isVoid: (_ row: Int, _ column: Int) -> Bool = { row, column in row + column < 40 }

  /// The CRS.
  public static let utm = "EPSG:32633"

  /// Creates the default scene.
  public init() throws { georeferencing.crs = try CRS(Self.utm) }

  /// Returns a sample between 1,000 and 9,000 that is the same in all bands except for a small offset.
  public static func sample(_ row: Int, _ column: Int, _ band: Int) -> Float {
    let hills = sin(Double(row) / 23) * cos(Double(column) / 31) * 3000
    let texture = Double((row * 7919 + column * 104_729) % 601)
    return Float((5000 + hills + texture + Double(band) * 50).rounded())
  }

  /// Writes the scene to a file.
  public func write(to path: String, driver: String = "GTiff") throws {
    var dataset = try Dataset(
      creating: path, driver: driver, width: width, height: height, bands: bands, type: type,
      options: options)
    try dataset.setGeoreferencing(georeferencing)
    let whole = Window(column: 0, row: 0, width: width, height: height)
    let colors: [ColorInterpretation] = [.red, .green, .blue]
    // The color interpretation of a GeoTIFF cannot be set after blocks have been written.
    for band in 1...bands {
      if bands == 3 { try dataset.setColorInterpretation(colors[band - 1], band: band) }
      if let noData { try dataset.setNoData(noData, band: band) }
    }
    for band in 1...bands {
      let values = (0..<height).flatMap { row in
        (0..<width).map { column in
          isVoid(row, column) ? Float(noData ?? 0) : Self.sample(row, column, band)
        }
      }
      try dataset.write(whole, band: band, values.span)
    }
    if !overviews.isEmpty { try dataset.buildOverviews(overviews) }
    try dataset.close()
  }
}
