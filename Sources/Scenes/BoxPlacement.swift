import Grids
import Rasters

/// Where a box in map coordinates lies on a scene's grid.
///
/// A box in longitude and latitude whose west is greater than its east crosses the antimeridian (RFC 7946, section 5.2).
/// Longitudes that differ by 360° are one: a scene may count from −180° or from 0°, or run on beyond 180°.
struct BoxPlacement {
  /// The pixels that cover the box; some of them are the scene's.
  let window: Window

  /// - Parameters:
  ///   - box: The box.
  ///   - crs: Its system.
  ///   - grid: The scene's, with a geotransform.
  ///   - own: The system of that.
  /// - Throws: `SceneError` where the box is empty, outside the scene, or at two edges of it; `RasterError` where it
  ///   cannot be transformed.
  init(_ box: Bounds, in crs: CRS, on grid: Grid, _ own: CRS) throws {
    let text = "\(box.minX),\(box.minY),\(box.maxX),\(box.maxY)"
    let isCrossing = crs.isGeographic && box.minX > box.maxX
    guard box.minY < box.maxY, box.minX < box.maxX || isCrossing else {
      throw SceneError(
        .usage,
        "the box \(text) is empty, expected minx,miny,maxx,maxy"
          + (box.minX > box.maxX && box.minY < box.maxY
            ? "; only in longitude and latitude does a box with minx > maxx cross the antimeridian: "
              + "--bbox-crs EPSG:4326" : ""))
    }
    let isSame = crs.isSame(as: own)
    let isGeographic = own.isGeographic && crs.isGeographic
    /// In the scene's system; eastward from its west, also beyond 180°.
    func local(_ bounds: Bounds) throws -> Bounds {
      if isSame { return bounds.unrolled }
      return isGeographic
        ? try own.bounds(of: bounds, from: crs).unrolled
        : try own.bounds(of: bounds.unrolled, from: crs)
    }
    func window(of bounds: Bounds) throws -> Window {
      guard
        let window = grid.window(coveringX: bounds.minX...bounds.maxX, y: bounds.minY...bounds.maxY)
      else {
        throw SceneError(
          .usage, "the box \(text) has no place on the scene's grid; use --window instead")
      }
      return window
    }
    // One part at any turn of the Earth; in a projection that ends at the antimeridian, one on either side of it.
    let whole = try local(box)
    var found = try (isGeographic ? [0.0, 360, -360] : [0.0]).map {
      try window(of: whole.moved(east: $0))
    }
    if isCrossing, !isGeographic {
      var (west, east) = (box, box)
      (west.maxX, east.minX) = (180, -180)
      let halves = [try window(of: local(west)), try window(of: local(east))]
      // What lies together on the ground lies together on the grid, unless the projection is cut there.
      if !halves[0].padded(by: 2).overlaps(halves[1]) { found = halves }
    }
    let inside = found.filter { $0.overlaps(grid.window) }
    guard let first = inside.first else {
      let extent = try? Self.extent(of: grid, own, in: crs)
      throw SceneError(
        .usage,
        "the box \(text) lies outside the scene" + (extent.map { ", which is --bbox \($0)" } ?? ""))
    }
    guard inside.count == 1 else {
      let parts = inside.map { "--window \($0.intersection(grid.window))" }
      throw SceneError(
        .usage,
        "the box \(text) lies at both edges of the scene; run each part by itself: "
          + parts.joined(separator: " and "))
    }
    self.window = first
  }

  /// The bounds of a scene in another system, as the command line takes them.
  private static func extent(of grid: Grid, _ own: CRS, in crs: CRS) throws -> String? {
    guard let transform = grid.geoTransform else { return nil }
    let corners = [(0, 0), (grid.width, 0), (0, grid.height), (grid.width, grid.height)].map {
      transform.map(column: Double($0.0), row: Double($0.1))
    }
    let (x, y) = (corners.map(\.x), corners.map(\.y))
    var bounds = Bounds(minX: x.min()!, minY: y.min()!, maxX: x.max()!, maxY: y.max()!)
    if !crs.isSame(as: own) { bounds = try crs.bounds(of: bounds, from: own) }
    let sides = [bounds.minX, bounds.minY, bounds.maxX, bounds.maxY]
    let digits = crs.isGeographic ? 1e5 : 1e1
    let numbers = sides.map { "\(($0 * digits).rounded() / digits)" }.joined(separator: ",")
    return numbers + (crs.authority.map { " --bbox-crs \($0)" } ?? "")
  }
}

extension Bounds {
  /// With a greater east than west.
  fileprivate var unrolled: Bounds {
    minX <= maxX ? self : Bounds(minX: minX, minY: minY, maxX: maxX + 360, maxY: maxY)
  }

  fileprivate func moved(east degrees: Double) -> Bounds {
    Bounds(minX: minX + degrees, minY: minY, maxX: maxX + degrees, maxY: maxY)
  }
}

extension Window {
  fileprivate func padded(by pixels: Int) -> Window {
    Window(
      column: column - pixels, row: row - pixels, width: width + 2 * pixels,
      height: height + 2 * pixels)
  }
}
