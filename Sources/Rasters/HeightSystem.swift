import CGDAL
import CPROJ

/// The vertical datum of heights and their unit: a vertical CRS, or a three-dimensional geographic CRS for heights above
/// its ellipsoid.
public struct HeightSystem: Hashable, Sendable {
  /// The vertical or three-dimensional geographic CRS.
  public let crs: CRS
  /// The length of the unit of heights, in meters.
  public let metersPerUnit: Double
  /// The name of the unit, such as "metre" or "US survey foot".
  public let unit: String
  /// Whether heights are above the ellipsoid.
  public let isEllipsoidal: Bool

  /// Creates a system from a definition, such as `EPSG:5773` (EGM96) or `EPSG:4979` (the ellipsoid of WGS 84); of a
  /// compound CRS, its vertical part is used.
  ///
  /// - Throws: `.usage` if PROJ does not know the definition, or if it has no heights that increase upward.
  public init(_ definition: String) throws(RasterError) {
    let advice =
      "expected a vertical CRS, such as EPSG:5773 (EGM96), EPSG:3855 (EGM2008) or EPSG:5703 (NAVD88), or EPSG:4979 for "
      + "heights above the ellipsoid"
    let crs: CRS
    do {
      crs = try CRS(definition)
    } catch {
      guard error.kind == .usage else { throw error }
      throw RasterError(
        .usage, "\"\(definition)\" is not a known system of heights; \(advice)",
        earlier: error.earlier)
    }
    guard let system = try HeightSystem(of: crs) else {
      throw RasterError(.usage, "\(definition) is not a system of heights: \(advice)")
    }
    self = system
  }

  /// The heights of a compound, vertical or three-dimensional geographic CRS; nil for a CRS without heights, or with
  /// values that increase downward.
  public init?(of crs: CRS) throws(RasterError) {
    let found = crs.withProj { context, object -> (String, Double, String, Bool)? in
      var part = proj_clone(context, object)
      defer { proj_destroy(part) }
      while let inner = Self.part(context, part) {
        proj_destroy(part)
        part = inner
      }
      let type = proj_get_type(part)
      guard type == PJ_TYPE_VERTICAL_CRS || type == PJ_TYPE_GEOGRAPHIC_3D_CRS,
        let system = proj_crs_get_coordinate_system(context, part)
      else { return nil }
      defer { proj_destroy(system) }
      var (direction, unit): (UnsafePointer<CChar>?, UnsafePointer<CChar>?) = (nil, nil)
      var size = 0.0
      let axis = proj_cs_get_axis_count(context, system) - 1
      guard
        proj_cs_get_axis_info(
          context, system, axis, nil, nil, &direction, &size, &unit, nil, nil) != 0,
        let direction, let unit, String(cString: direction) == "up", size > 0,
        let wkt = proj_as_wkt(context, part, PJ_WKT2_2019, nil)
      else { return nil }
      return (
        String(cString: wkt), size, String(cString: unit), type == PJ_TYPE_GEOGRAPHIC_3D_CRS
      )
    }
    guard let (wkt, size, unit, isEllipsoidal) = found else { return nil }
    self.crs = try CRS(wkt)
    (metersPerUnit, self.unit, self.isEllipsoidal) = (size, unit, isEllipsoidal)
  }

  /// The CRS within a bound CRS, or the vertical part of a compound CRS; nil for others.
  private static func part(_ context: OpaquePointer?, _ object: OpaquePointer?) -> OpaquePointer? {
    switch proj_get_type(object) {
    case PJ_TYPE_BOUND_CRS: proj_get_source_crs(context, object)
    case PJ_TYPE_COMPOUND_CRS: proj_crs_get_sub_crs(context, object, 1)
    default: nil
    }
  }

  /// The same datum with heights in meters, with its EPSG code where there is one.
  public var inMeters: HeightSystem {
    get throws(RasterError) {
      guard metersPerUnit != 1 else { return self }
      let changed: Result<CRS, RasterError> = crs.withHandle { handle in
        let (status, log) = logging { OSRSetLinearUnits(handle, "metre", 1) }
        guard status == OGRERR_NONE else {
          return .failure(RasterError(.reading, "\(crs.name) in meters", log))
        }
        return Result { () throws(RasterError) in try CRS(handle) }
      }
      let metric = try changed.get()
      let known = metric.withProj { context, object -> String? in
        var (type, count) = (PJ_TYPE_VERTICAL_CRS, Int32(0))
        let parameters = proj_get_crs_list_parameters_create()
        defer { proj_get_crs_list_parameters_destroy(parameters) }
        return withUnsafePointer(to: &type) { types -> String? in
          parameters?.pointee.types = types
          parameters?.pointee.typesCount = 1
          let list = proj_get_crs_info_list_from_database(context, "EPSG", parameters, &count)
          defer { proj_crs_info_list_destroy(list) }
          for number in 0..<Int(count) {
            let code = list?[number]?.pointee.code
            let candidate = proj_create_from_database(
              context, "EPSG", code, PJ_CATEGORY_CRS, 0, nil)
            defer { proj_destroy(candidate) }
            guard proj_is_equivalent_to(object, candidate, PJ_COMP_EQUIVALENT) != 0 else {
              continue
            }
            return proj_as_wkt(context, candidate, PJ_WKT2_2019, nil).map { String(cString: $0) }
          }
          return nil
        }
      }
      for wkt in [known, metric.wkt].compactMap(\.self) {
        if let system = try HeightSystem(of: CRS(wkt)), system.metersPerUnit == 1 { return system }
      }
      throw RasterError(
        .usage, "\(crs.name) has no counterpart in meters: give one with --vertical EPSG:…")
    }
  }

  /// Returns the CRS of positions in a horizontal CRS with these heights.
  public func compound(with horizontal: CRS) throws(RasterError) -> CRS {
    let flat = try horizontal.horizontal
    let outcome: Result<CRS, RasterError> = flat.withHandle { base in
      if isEllipsoidal {
        let (status, log) = logging { OSRPromoteTo3D(base, nil) }
        guard status == OGRERR_NONE else {
          return .failure(RasterError(.reading, "\(flat.name) with ellipsoidal heights", log))
        }
        return Result { () throws(RasterError) in try CRS(base) }
      }
      return crs.withHandle { vertical in
        CRS.withNewHandle { joined in
          let name = "\(flat.name) + \(crs.name)"
          let (status, log) = logging { OSRSetCompoundCS(joined, name, base, vertical) }
          guard status == OGRERR_NONE else {
            return .failure(RasterError(.reading, name, log))
          }
          return Result { () throws(RasterError) in try CRS(joined) }
        }
      }
    }
    return try outcome.get()
  }

  /// Returns whether both have the same datum and the same unit.
  public func isSame(as other: HeightSystem) -> Bool { crs.isSame(as: other.crs) }
}

extension HeightSystem: CustomStringConvertible {
  /// The name of the system and its code, such as `EGM96 height (EPSG:5773)`.
  public var description: String { crs.name + (crs.authority.map { " (\($0))" } ?? "") }
}

extension HeightSystem: Codable {
  /// Decodes a system from its WKT.
  ///
  /// - Throws: `RasterError` if the text is not a system of heights.
  public init(from decoder: any Decoder) throws {
    try self.init(decoder.singleValueContainer().decode(String.self))
  }

  /// Encodes the system as WKT.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(crs.wkt)
  }
}

extension CRS {
  /// Runs `body` with a PROJ context and the system as an object of it, which are valid only during the call.
  func withProj<Value>(_ body: (OpaquePointer?, OpaquePointer?) -> Value) -> Value {
    GDAL.withProjContext { context in
      let object = proj_create(context, wkt)
      defer { proj_destroy(object) }
      precondition(object != nil, "PROJ cannot parse WKT that it wrote")
      return body(context, object)
    }
  }
}
