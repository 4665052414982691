import Foundation
package import Grids
package import Rasters

/// The bounding rectangle of a raster in map coordinates.
package struct Footprint: Hashable, Sendable {
  package let bounds: Bounds
  package let crs: CRS?

  /// Creates the footprint of a grid; nil without a geotransform.
  package init?(_ grid: Grid, crs: CRS?) {
    guard let transform = grid.geoTransform else { return nil }
    let (width, height) = (Double(grid.width), Double(grid.height))
    let corners = [(0, 0), (width, 0), (0, height), (width, height)].map {
      transform.map(column: $0.0, row: $0.1)
    }
    let (x, y) = (corners.map(\.x), corners.map(\.y))
    bounds = Bounds(
      minX: x.min() ?? 0, minY: y.min() ?? 0, maxX: x.max() ?? 0, maxY: y.max() ?? 0)
    self.crs = crs
  }

  package init(_ bounds: Bounds, crs: CRS?) { (self.bounds, self.crs) = (bounds, crs) }

  /// Longitude and latitude on WGS 84.
  package static let world = try? CRS("OGC:CRS84")

  /// Returns the bounds in another CRS; nil if a part cannot be transformed.
  package func bounds(in target: CRS) -> Bounds? {
    guard let crs else { return nil }
    if crs == target { return bounds }
    guard let found = try? target.bounds(of: bounds, from: crs),
      [found.minX, found.minY, found.maxX, found.maxY].allSatisfy(\.isFinite)
    else { return nil }
    return found
  }

  /// Whether a part of it is known to have no location on Earth.
  package var hasNoLocation: Bool {
    guard let crs, let world = Self.world else { return false }
    do {
      let found = try world.bounds(of: bounds, from: crs)
      return ![found.minX, found.minY, found.maxX, found.maxY].allSatisfy(\.isFinite)
    } catch {
      // Without a transformation, nothing is known.
      return error.kind == .badData
    }
  }

  /// The bounds in longitude and latitude; nil if unknown.
  package var geographicBounds: Bounds? { Self.world.flatMap { bounds(in: $0) } }

  /// Whether two footprints overlap, in the CRS of either; nil if unknown.
  ///
  /// Footprints that only touch do not overlap, nor do those that overlap by at most 1/10,000 of the smaller side,
  /// which may be rounding.
  package func overlaps(_ other: Footprint) -> Bool? {
    switch (crs, other.crs) {
    case (nil, nil): return bounds.overlaps(other.bounds)
    case (let ours?, let theirs?):
      if let found = other.bounds(in: ours) { return bounds.overlaps(found) }
      if let found = self.bounds(in: theirs) { return other.bounds.overlaps(found) }
      guard let a = geographicBounds, let b = other.geographicBounds else { return nil }
      return a.overlaps(b)
    default: return nil
    }
  }

  /// Returns the distance on a sphere in kilometers, 0 if the two overlap; nil if unknown.
  package func kilometers(to other: Footprint) -> Double? {
    guard let a = geographicBounds, let b = other.geographicBounds else { return nil }
    func gap(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>) -> Double {
      max(0, max(a.lowerBound, b.lowerBound) - min(a.upperBound, b.upperBound))
    }
    let north = gap(a.minY...max(a.minY, a.maxY), b.minY...max(b.minY, b.maxY))
    // The shorter way around the Earth.
    var east = 360.0
    for one in a.longitudes {
      for two in b.longitudes {
        let apart = gap(one, two)
        east = min(east, apart, max(0, 360 - apart))
      }
    }
    // At the latitude where the two are closest.
    let latitude = min(max((a.minY + a.maxY) / 2, b.minY), b.maxY)
    let radius = 6371.0
    let radians = Double.pi / 180
    let height = sin(north * radians / 2)
    let width = cos(latitude * radians) * sin(east * radians / 2)
    let chord = height * height + width * width
    return 2 * radius * asin(min(1, chord.squareRoot()))
  }
}

extension Bounds {
  /// One range, or two if the rectangle crosses the antimeridian.
  package var longitudes: [ClosedRange<Double>] {
    minX <= maxX ? [minX...maxX] : [minX...180, -180...max(maxX, -180)]
  }

  /// Whether two rectangles in degrees overlap by more than rounding.
  package func overlaps(_ other: Bounds) -> Bool {
    func share(_ a: ClosedRange<Double>, _ b: ClosedRange<Double>) -> Bool {
      let shared =
        min(a.upperBound, b.upperBound) - max(a.lowerBound, b.lowerBound)
      return shared
        > 1e-4 * min(a.upperBound - a.lowerBound, b.upperBound - b.lowerBound)
    }
    guard minY <= maxY, other.minY <= other.maxY else { return false }
    return share(minY...maxY, other.minY...other.maxY)
      && longitudes.contains { one in other.longitudes.contains { share(one, $0) } }
  }
}
