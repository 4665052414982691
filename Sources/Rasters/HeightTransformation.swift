import CPROJ
public import Grids

/// Transforms heights from one vertical datum to another at their places, by PROJ's best operation for an area.
///
/// Ballpark transformations, which ignore a change of datum, are not used. A grid that is not installed is an error.
/// Heights are in meters on both sides.
public struct HeightTransformation: ~Copyable {
  private let context: OpaquePointer?
  private let operation: OpaquePointer?
  private let subject: String

  /// Finds the operation.
  ///
  /// - Parameters:
  ///   - source: The system of the heights, in meters.
  ///   - target: The system of the results, in meters.
  ///   - horizontal: The CRS of the places.
  ///   - area: The area of the places, in degrees of longitude and latitude; nil if unknown.
  /// - Throws: `.missingResource` with the name of a grid that is needed and not installed, or if there is no operation.
  public init(
    from source: HeightSystem, to target: HeightSystem, at horizontal: CRS, area: Bounds?
  ) throws(RasterError) {
    precondition(source.metersPerUnit == 1 && target.metersPerUnit == 1, "heights are in meters")
    subject = "from \(source) to \(target)"
    let (from, to) = (try source.compound(with: horizontal), try target.compound(with: horizontal))
    let context = GDAL.makeProjContext()
    let found = Self.operation(context, from.wkt, to.wkt, area)
    guard case .found(let operation) = found else {
      proj_context_destroy(context)
      if case .needs(let grid, let address) = found {
        throw RasterError(
          .missingResource,
          "heights \(subject) need the grid \(grid), which is not installed: fetch it with projsync --file \(grid)"
            + (address.isEmpty ? "" : " (\(address))")
            + ", let PROJ fetch it with PROJ_NETWORK=ON, or keep the reference's heights without --vertical"
        )
      }
      throw RasterError(
        .missingResource,
        "PROJ has no transformation of heights \(subject): keep the reference's heights without --vertical"
      )
    }
    (self.context, self.operation) = (context, operation)
  }

  deinit {
    proj_destroy(operation)
    proj_context_destroy(context)
  }

  private enum Finding {
    case found(OpaquePointer)
    case needs(grid: String, address: String)
    case nothing
  }

  private static func operation(
    _ context: OpaquePointer?, _ from: String, _ to: String, _ area: Bounds?
  ) -> Finding {
    let (source, target) = (proj_create(context, from), proj_create(context, to))
    let factory = proj_create_operation_factory_context(context, nil)
    defer {
      proj_operation_factory_context_destroy(factory)
      proj_destroy(source)
      proj_destroy(target)
    }
    proj_operation_factory_context_set_allow_ballpark_transformations(context, factory, 0)
    // The best operation is taken, and not the best one whose grids happen to be installed.
    proj_operation_factory_context_set_grid_availability_use(
      context, factory, PROJ_GRID_AVAILABILITY_IGNORED)
    if let area {
      proj_operation_factory_context_set_area_of_interest(
        context, factory, area.minX, area.minY, area.maxX, area.maxY)
    }
    let list = proj_create_operations(context, source, target, factory)
    defer { proj_list_destroy(list) }
    guard let list, proj_list_get_count(list) > 0, let best = proj_list_get(context, list, 0) else {
      return .nothing
    }
    for number in 0..<proj_coordoperation_get_grid_used_count(context, best) {
      var (name, address): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
      var isAvailable: Int32 = 0
      let isKnown = proj_coordoperation_get_grid_used(
        context, best, number, &name, nil, nil, &address, nil, nil, &isAvailable)
      guard isKnown == 0 || isAvailable == 0 else { continue }
      // The strings belong to the operation.
      let needed = Finding.needs(
        grid: name.map { String(cString: $0) } ?? "of the operation",
        address: address.map { String(cString: $0) } ?? "")
      proj_destroy(best)
      return needed
    }
    defer { proj_destroy(best) }
    return proj_normalize_for_visualization(context, best).map { .found($0) } ?? .nothing
  }

  /// Replaces heights at the middles of a grid's pixels, `[row, column]`; NaN stays.
  ///
  /// - Throws: `.badData` if the operation is not defined at a place.
  public borrowing func apply(_ heights: inout [Float], on grid: Grid) throws(RasterError) {
    precondition(heights.count == grid.pixelCount, "one height for each pixel")
    guard let transform = grid.geoTransform else {
      preconditionFailure("heights are transformed on a grid with a geotransform")
    }
    for pixel in heights.indices where !heights[pixel].isNaN {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: grid.width)
      let place = transform.map(column: Double(column) + 0.5, row: Double(row) + 0.5)
      let result = proj_trans(
        operation, PJ_FWD, PJ_COORD(v: (place.x, place.y, Double(heights[pixel]), .infinity)))
      guard result.xyzt.z.isFinite else {
        throw RasterError(
          .badData,
          "heights \(subject) are not defined at \(place.x), \(place.y): choose another --vertical")
      }
      heights[pixel] = Float(result.xyzt.z)
    }
  }
}
