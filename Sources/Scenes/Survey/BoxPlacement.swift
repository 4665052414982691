import Grids
import Rasters

/// The window of a scene's grid that covers a box in map coordinates.
///
/// A box in longitude and latitude whose west is greater than its east crosses the antimeridian (RFC 7946, section
/// 5.2). Longitudes that differ by 360° are equal: a scene may start at −180° or at 0°, or extend beyond 180°.
struct BoxPlacement {
  /// The pixels that cover the box; at least one of them is inside the scene.
  let window: Window

  /// Places a box on a grid.
  ///
  /// - Parameters:
  ///   - box: The box in map coordinates.
  ///   - crs: The CRS of the box.
  ///   - grid: The scene's grid, with a geotransform.
  ///   - own: The CRS of the grid.
  /// - Throws: `SceneError` if the box is empty, outside the scene, or at two edges of the scene; `RasterError` if it
  ///   cannot be transformed.
  init(_ box: Bounds, in crs: CRS, on grid: Grid, _ own: CRS) throws {
    let text = "\(box.minX),\(box.minY),\(box.maxX),\(box.maxY)"
    let isCrossing = crs.isGeographic && box.minX > box.maxX
    guard box.minY < box.maxY, box.minX < box.maxX || isCrossing else {
      throw SceneError(
        .usage,
        "the box \(text) is empty, expected minx,miny,maxx,maxy"
          + (box.minX > box.maxX && box.minY < box.maxY
            ? "; a box with minx > maxx crosses the antimeridian only in longitude and latitude: "
              + "--bbox-crs EPSG:4326" : ""))
    }
    let isSame = crs.isSame(as: own)
    let isGeographic = own.isGeographic && crs.isGeographic
    /// Returns bounds in the scene's CRS with minX ≤ maxX, so that longitudes may exceed 180°.
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
          .usage, "the box \(text) cannot be placed on the scene's grid; use --window instead")
      }
      return window
    }
    // Try the box at longitude offsets of 0° and ±360°. In a projection that ends at the antimeridian, a crossing box
    // has one part on either side.
    let whole = try local(box)
    var found = try (isGeographic ? [0.0, 360, -360] : [0.0]).map {
      try window(of: whole.moved(east: $0))
    }
    if isCrossing, !isGeographic {
      var (west, east) = (box, box)
      (west.maxX, east.minX) = (180, -180)
      let halves = [try window(of: local(west)), try window(of: local(east))]
      // The halves are adjacent on the grid unless the projection is cut at the antimeridian.
      if !halves[0].padded(columns: 2, rows: 2).overlaps(halves[1]) { found = halves }
    }
    let inside = found.filter { $0.overlaps(grid.window) }
    guard let first = inside.first else {
      let extent = try? Self.extent(of: grid, own, in: crs)
      throw SceneError(
        .usage,
        "the box \(text) lies outside the scene"
          + (extent.map { ", whose extent is --bbox \($0)" } ?? ""))
    }
    guard inside.count == 1 else {
      let parts = inside.map { "--window \($0.intersection(grid.window))" }
      throw SceneError(
        .usage,
        "the box \(text) lies at both edges of the scene; run each part separately: "
          + parts.joined(separator: " and "))
    }
    self.window = first
  }

  /// The bounds of a scene in another CRS, formatted for the command line.
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
  /// The bounds with 360 added to maxX if minX is greater.
  fileprivate var unrolled: Bounds {
    minX <= maxX ? self : Bounds(minX: minX, minY: minY, maxX: maxX + 360, maxY: maxY)
  }

  /// The bounds shifted east by an angle in degrees.
  fileprivate func moved(east degrees: Double) -> Bounds {
    Bounds(minX: minX + degrees, minY: minY, maxX: maxX + degrees, maxY: maxY)
  }
}
