import Foundation
import Grids
import Rendering
import Rasters
import Scenes

/// A DEM resampled to square pixels of the size in the list, with heights scaled as the list says.
struct MetricDEM {
  let field: HeightField

  /// The range of heights on Earth; anything outside is undeclared nodata.
  private static let possible: ClosedRange<Float> = -450...8900

  init(_ entry: DEMList.Entry, in data: String, scratch: String) throws {
    let source = try Dataset(reading: "\(data)/\(entry.path)")
    guard let transform = source.georeferencing.geoTransform else {
      throw Failure(
        "\(source.path) has no geotransform, expected a georeferenced DEM with a pixel size")
    }
    let target = try Self.grid(for: source, pixel: entry.pixel)
    let isThere =
      target.crs == source.georeferencing.crs
      && abs(transform.columnX / entry.pixel - 1) < 0.02 && transform.rowY == -transform.columnX
    let values: [Float]
    if isThere {
      values = try source.heights(in: source.grid.window)
    } else {
      let path = "\(scratch)/\(entry.name)_warped.tif"
      defer { try? FileManager.default.removeItem(atPath: path) }
      let isCoarser = target.crs == source.georeferencing.crs && entry.pixel > transform.columnX
      try Warp.write(
        source, onto: target.grid, crs: target.crs, by: isCoarser ? .average : .cubic, to: path)
      values = try Dataset(reading: path).heights(in: target.grid.window)
    }
    let size = isThere ? source.grid : target.grid
    let scale = Float(entry.shown / entry.pixel)
    field = HeightField(
      width: size.width, height: size.height, gsdInMeters: Float(entry.shown),
      heights: values.map { value in
        // Rounded to 2 mm: lakes are detected by identical heights, and resampling changes them by rounding errors.
        Self.possible.contains(value) ? (value * 512).rounded() / 512 * scale : .nan
      })
  }

  /// Returns a grid of the whole DEM in its own CRS or, if that is in degrees, in a local transverse Mercator
  /// projection.
  ///
  /// In contrast to a UTM zone, north is up in the local projection, which the sun's azimuth refers to, and the DEM
  /// fills the grid except for slightly slanted edges, which are cropped.
  private static func grid(
    for source: borrowing Dataset, pixel: Double
  ) throws -> (grid: Grid, crs: CRS?) {
    let own = Bounds(of: source.grid)
    guard let crs = source.georeferencing.crs, crs.isGeographic else {
      return (Grid(over: own, pixel: pixel), source.georeferencing.crs)
    }
    let (longitude, latitude) = ((own.minX + own.maxX) / 2, (own.minY + own.maxY) / 2)
    let local = try CRS("+proj=tmerc +lon_0=\(longitude) +lat_0=\(latitude) +datum=WGS84 +units=m")
    let bounds = try local.bounds(of: own, from: crs).inset(by: 0.012)
    return (Grid(over: bounds, pixel: pixel), local)
  }
}

extension Bounds {
  /// The bounds of a grid with north up.
  fileprivate init(of grid: Grid) {
    let transform = grid.geoTransform ?? GeoTransform([0, 1, 0, 0, 0, -1])
    let corner = transform.map(column: 0, row: 0)
    let other = transform.map(column: Double(grid.width), row: Double(grid.height))
    self.init(minX: corner.x, minY: other.y, maxX: other.x, maxY: corner.y)
  }

  /// The bounds, cropped at each edge by a share of the longer side.
  fileprivate func inset(by share: Double) -> Bounds {
    let margin = share * max(maxX - minX, maxY - minY)
    return Bounds(
      minX: minX + margin, minY: minY + margin, maxX: maxX - margin, maxY: maxY - margin)
  }
}

extension Grid {
  /// Creates a grid of as many square pixels as fit, from the upper left corner of bounds.
  fileprivate init(over bounds: Bounds, pixel: Double) {
    self.init(
      width: Int((bounds.maxX - bounds.minX) / pixel),
      height: Int((bounds.maxY - bounds.minY) / pixel),
      geoTransform: GeoTransform([bounds.minX, pixel, 0, bounds.maxY, 0, -pixel]))
  }
}
