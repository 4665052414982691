import CGDAL

/// Writes lines on the map as a layer of a GeoPackage, which every GIS can open.
public enum GeoPackage {
  /// A straight line in the layer's CRS, with one value for each field.
  public struct Line: Sendable {
    /// The start of the line.
    public let start: (x: Double, y: Double)
    /// The end of the line.
    public let end: (x: Double, y: Double)
    /// The values of the fields, in their order.
    public let values: [Value]

    /// Creates a line.
    public init(
      from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ values: [Value]
    ) {
      (self.start, self.end, self.values) = (start, end, values)
    }
  }

  /// The value of a field.
  public enum Value: Hashable, Sendable {
    /// Text.
    case text(String)
    /// A 64-bit integer.
    case integer(Int)
    /// A floating-point number.
    case real(Double)
    /// No value, in a field of floating-point numbers.
    case null

    fileprivate var type: OGRFieldType {
      switch self {
      case .text: OFTString
      case .integer: OFTInteger64
      case .real, .null: OFTReal
      }
    }
  }

  /// A field: its name and an example value, which determines its type.
  public typealias Field = (name: String, example: Value)

  /// Writes a file with one layer, which appears under its name complete or not at all.
  ///
  /// - Parameters:
  ///   - lines: The lines of the layer, in order.
  ///   - fields: The fields, one for each value of a line.
  ///   - layer: The name of the layer.
  ///   - crs: The CRS of the coordinates; nil for none.
  ///   - path: The path of the file, by convention `NAME.gpkg`.
  ///   - overwrite: Whether an existing file may be replaced.
  /// - Throws: `.cannotCreate` if the file exists and may not be overwritten, or its directory is not writable,
  ///   `.missingResource` if GDAL has no GeoPackage driver, `.io` if writing fails.
  public static func write(
    _ lines: [Line], fields: [Field], layer: String, crs: CRS?, to path: String,
    overwrite: Bool = false
  ) throws(RasterError) {
    GDAL.register()
    let temporaries = try Temporaries(forResult: path, overwrite: overwrite, suffix: ".gpkg")
    guard let driver = GDALGetDriverByName("GPKG") else {
      throw RasterError(
        .missingResource,
        "GDAL \(GDAL.version) has no GPKG driver, which is needed to write \(path)")
    }
    let pointer = try gdal(.creating, path) {
      GDALCreate(driver, temporaries.output, 0, 0, 0, GDT_Unknown, nil)
    }
    let handle = DatasetHandle(pointer: pointer)
    let target = try gdal(.writing, path) { () -> OGRLayerH? in
      guard let crs else {
        return GDALDatasetCreateLayer(pointer, layer, nil, wkbLineString, nil)
      }
      return crs.withHandle { GDALDatasetCreateLayer(pointer, layer, $0, wkbLineString, nil) }
    }
    for field in fields {
      try ogr(path) {
        let definition = OGR_Fld_Create(field.name, field.example.type)
        defer { OGR_Fld_Destroy(definition) }
        return OGR_L_CreateField(target, definition, 1)
      }
    }
    for line in lines {
      precondition(line.values.count == fields.count, "one value for each field")
      try ogr(path) { add(line, to: target) }
    }
    try handle.close(path)
    _ = try temporaries.commit()
  }

  private static func add(_ line: Line, to layer: OGRLayerH) -> OGRErr {
    let feature = OGR_F_Create(OGR_L_GetLayerDefn(layer))
    defer { OGR_F_Destroy(feature) }
    let geometry = OGR_G_CreateGeometry(wkbLineString)
    OGR_G_AddPoint_2D(geometry, line.start.x, line.start.y)
    OGR_G_AddPoint_2D(geometry, line.end.x, line.end.y)
    OGR_F_SetGeometryDirectly(feature, geometry)
    for (index, value) in line.values.enumerated() {
      switch value {
      case .text(let text): OGR_F_SetFieldString(feature, Int32(index), text)
      case .integer(let number): OGR_F_SetFieldInteger64(feature, Int32(index), GIntBig(number))
      case .real(let number): OGR_F_SetFieldDouble(feature, Int32(index), number)
      case .null: OGR_F_SetFieldNull(feature, Int32(index))
      }
    }
    return OGR_L_CreateFeature(layer, feature)
  }

  /// Runs an OGR call that returns an `OGRErr`.
  private static func ogr(_ path: String, _ body: () -> OGRErr) throws(RasterError) {
    try gdal(.writing, path) { body() == OGRERR_NONE ? CE_None : CE_Failure }
  }
}
