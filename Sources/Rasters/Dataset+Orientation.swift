import CGDAL
import CPROJ
import Foundation

/// The directions of a raster's rows and columns on the ground, at the center of the raster.
public struct GroundOrientation: Sendable, Hashable {
  /// The longitude of the center, in degrees of the raster's own datum.
  public var longitude: Double
  /// The latitude of the center, in degrees of the raster's own datum.
  public var latitude: Double
  /// The vector from one column to the next, in meters to the east and to the north.
  public var column: SIMD2<Double>
  /// The vector from one row to the next, in meters to the east and to the north.
  public var row: SIMD2<Double>
  /// Whether the datum is one of the Earth.
  public var isEarth: Bool

  /// Creates an orientation.
  public init(
    longitude: Double, latitude: Double, column: SIMD2<Double>, row: SIMD2<Double>,
    isEarth: Bool = true
  ) {
    (self.longitude, self.latitude) = (longitude, latitude)
    (self.column, self.row) = (column, row)
    self.isEarth = isEarth
  }

  /// Converts an azimuth on the ground to one in the image.
  ///
  /// - Parameter azimuth: An azimuth clockwise from true north, in degrees.
  /// - Returns: The azimuth clockwise from the top of the image, in degrees from 0 to 360; nil if rows and columns are
  ///   parallel.
  public func imageAzimuth(of azimuth: Double) -> Double? {
    let angle = azimuth * .pi / 180
    let direction = SIMD2(sin(angle), cos(angle))
    let determinant = column.x * row.y - column.y * row.x
    let right = (direction.x * row.y - direction.y * row.x) / determinant
    let down = (column.x * direction.y - column.y * direction.x) / determinant
    guard right.isFinite, down.isFinite else { return nil }
    let found = atan2(right, -down) * 180 / .pi
    return found < 0 ? found + 360 : found
  }

  /// Converts an azimuth in the image, clockwise from its top, to one clockwise from true north, both in degrees.
  public func azimuth(ofImage azimuth: Double) -> Double {
    let angle = azimuth * .pi / 180
    let direction = sin(angle) * column - cos(angle) * row
    let found = atan2(direction.x, direction.y) * 180 / .pi
    return found < 0 ? found + 360 : found
  }
}

extension Dataset {
  /// Measures the directions of rows and columns on the ellipsoid, at the center of the raster.
  ///
  /// The directions are those of geodesics, so rotated, mirrored and south-up grids, ground control points and meridian
  /// convergence need no special case.
  ///
  /// - Returns: nil if the raster is not georeferenced.
  /// - Throws: `.badData` if the center cannot be located on the ellipsoid.
  public borrowing func orientation() throws(RasterError) -> GroundOrientation? {
    guard let (horizontal, geographic) = try positionSystems() else { return nil }
    let (column, row) = (Double(width) / 2, Double(height) / 2)
    let places = try longitudesAndLatitudes(
      of: [
        (column, row), (column - 0.5, row), (column + 0.5, row), (column, row - 0.5),
        (column, row + 0.5),
      ], in: geographic, from: horizontal)
    var ellipsoid = geod_geodesic()
    var isEarth = true
    geographic.withHandle { handle in
      let axis = OSRGetSemiMajor(handle, nil)
      let inverse = OSRGetInvFlattening(handle, nil)
      geod_init(&ellipsoid, axis, inverse == 0 ? 0 : 1 / inverse)  // 0 means a sphere
      // The semi-major axis of WGS 84; that of no datum of the Earth differs by more.
      isEarth = abs(axis / 6_378_137 - 1) < 0.01
    }
    func step(_ a: (x: Double, y: Double), _ b: (x: Double, y: Double)) -> SIMD2<Double> {
      var (meters, azimuth) = (0.0, 0.0)
      geod_inverse(&ellipsoid, a.y, a.x, b.y, b.x, &meters, &azimuth, nil)
      return meters * SIMD2(sin(azimuth * .pi / 180), cos(azimuth * .pi / 180))
    }
    return GroundOrientation(
      longitude: places[0].x, latitude: places[0].y, column: step(places[1], places[2]),
      row: step(places[3], places[4]), isEarth: isEarth)
  }
}
