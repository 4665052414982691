import Foundation
import Grids
import Learning
import Rasters
import Scenes

/// A DEM on square pixels of the size that the list asks for, heights scaled as the list says.
struct MetricDEM {
  let field: HeightField

  /// No land lies lower or higher; what does is nodata that nobody declared.
  private static let possible: ClosedRange<Float> = -450...8900

  init(_ entry: DEMList.Entry, in data: String, scratch: String) throws {
    let source = try Dataset(reading: "\(data)/\(entry.path)")
    guard let transform = source.georeferencing.geoTransform else {
      throw Failure("\(source.path) has no geotransform, so its pixels have no size")
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
        // To two millimetres: lakes are known by being level to the bit, and resampling ends a bit beside.
        Self.possible.contains(value) ? (value * 512).rounded() / 512 * scale : .nan
      })
  }

  /// Over the whole DEM: in its own system, or where that has degrees in a transverse Mercator about its middle.
  ///
  /// In that, unlike in the zone of UTM, north is up, from which the sun is counted, and the DEM fills the grid, but for
  /// edges that are a little slanted and are left out.
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
  /// Of a grid with north up.
  fileprivate init(of grid: Grid) {
    let transform = grid.geoTransform ?? GeoTransform([0, 1, 0, 0, 0, -1])
    let corner = transform.map(column: 0, row: 0)
    let other = transform.map(column: Double(grid.width), row: Double(grid.height))
    self.init(minX: corner.x, minY: other.y, maxX: other.x, maxY: corner.y)
  }

  /// Without a share of the longer side along each edge.
  fileprivate func inset(by share: Double) -> Bounds {
    let margin = share * max(maxX - minX, maxY - minY)
    return Bounds(
      minX: minX + margin, minY: minY + margin, maxX: maxX - margin, maxY: maxY - margin)
  }
}

extension Grid {
  /// Square pixels from the upper left corner of bounds, as many as fit.
  fileprivate init(over bounds: Bounds, pixel: Double) {
    self.init(
      width: Int((bounds.maxX - bounds.minX) / pixel),
      height: Int((bounds.maxY - bounds.minY) / pixel),
      geoTransform: GeoTransform([bounds.minX, pixel, 0, bounds.maxY, 0, -pixel]))
  }
}
