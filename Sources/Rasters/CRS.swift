import CGDAL

/// A coordinate reference system, stored as its WKT2 definition without any PROJ object.
///
/// Coordinates are always in the order x, y or longitude, latitude, whatever the axis order in the definition.
/// `==` compares the text of the definitions; `isSame(as:)` asks PROJ whether they are equivalent.
public struct CRS: Hashable, Sendable {
  /// The definition as WKT2:2019.
  public let wkt: String
  /// The epoch of coordinates in a dynamic CRS, in decimal years; nil if none is given.
  public let coordinateEpoch: Double?

  /// Creates a CRS from user input: `EPSG:32612`, any kind of WKT, a PROJ string or PROJJSON.
  ///
  /// - Throws: `.usage` if PROJ does not understand the definition, `.missingResource` if PROJ has no database.
  public init(_ definition: String) throws(RasterError) {
    let handle = CRS.makeHandle()
    defer { OSRDestroySpatialReference(handle) }
    let (status, log) = logging { OSRSetFromUserInput(handle, definition) }
    guard status == OGRERR_NONE else {
      let kind: RasterError.Kind = GDAL.projDatabase == nil ? .missingResource : .usage
      let reasons = log.failures.map(\.message)
      throw RasterError(
        kind,
        "\"\(definition)\" is not a known coordinate reference system; \(Self.advice(definition))",
        earlier: reasons)
    }
    try self.init(handle)
  }

  /// Returns what to write instead; a number alone is taken to be an EPSG code.
  private static func advice(_ definition: String) -> String {
    let digits = definition.drop { !$0.isNumber }
    let isCode = !digits.isEmpty && digits.count <= 6 && digits.allSatisfy(\.isNumber)
    return "expected a definition such as EPSG:\(isCode ? String(digits) : "4326")"
  }

  /// Creates a CRS from a handle that GDAL continues to own.
  init(_ handle: OGRSpatialReferenceH) throws(RasterError) {
    var text: UnsafeMutablePointer<CChar>?
    defer { VSIFree(text) }
    let options = StringList(["FORMAT=WKT2_2019"])
    let (status, log) = logging { OSRExportToWktEx(handle, &text, options.constant) }
    guard status == OGRERR_NONE, let text else {
      throw RasterError(.reading, "a coordinate reference system", log)
    }
    wkt = String(cString: text)
    let epoch = OSRGetCoordinateEpoch(handle)
    coordinateEpoch = epoch == 0 ? nil : epoch  // GDAL returns 0 if there is none
  }

  /// The name of the system, such as "WGS 84 / UTM zone 12N".
  public var name: String {
    withHandle { OSRGetName($0).map { String(cString: $0) } ?? "" }
  }

  /// The authority and code of the system, such as "EPSG:32612"; nil if the definition has none.
  public var authority: String? {
    withHandle {
      guard let name = OSRGetAuthorityName($0, nil), let code = OSRGetAuthorityCode($0, nil)
      else { return nil }
      return "\(String(cString: name)):\(String(cString: code))"
    }
  }

  /// Whether the coordinates are longitude and latitude.
  public var isGeographic: Bool { withHandle { OSRIsGeographic($0) != 0 } }

  /// The horizontal part of the system; the system itself if it has no vertical axis.
  var horizontal: CRS {
    get throws(RasterError) {
      let outcome: Result<CRS, RasterError> = withHandle { handle in
        guard logging({ OSRStripVertical(handle) }).value == OGRERR_NONE else {
          return .success(self)
        }
        return Result { () throws(RasterError) in try CRS(handle) }
      }
      return try outcome.get()
    }
  }

  /// Returns whether the horizontal parts of both definitions are equivalent.
  public func isSame(horizontallyAs other: CRS) throws(RasterError) -> Bool {
    try horizontal.isSame(as: other.horizontal)
  }

  /// Returns whether both definitions are equivalent, however they are written.
  public func isSame(as other: CRS) -> Bool {
    withHandle { own in other.withHandle { OSRIsSame(own, $0) != 0 } }
  }

  /// Runs `body` with a handle that is valid only during the call.
  func withHandle<Value>(_ body: (OGRSpatialReferenceH) -> Value) -> Value {
    let handle = CRS.makeHandle()
    defer { OSRDestroySpatialReference(handle) }
    let (status, log) = logging {
      let text = strdup(wkt)
      defer { free(text) }
      var rest = text
      return OSRImportFromWkt(handle, &rest)
    }
    precondition(status == OGRERR_NONE, "PROJ cannot parse WKT that it wrote: \(log.failures)")
    if let coordinateEpoch { OSRSetCoordinateEpoch(handle, coordinateEpoch) }
    return body(handle)
  }

  /// Runs `body` with an empty handle that is valid only during the call.
  static func withNewHandle<Value>(_ body: (OGRSpatialReferenceH) -> Value) -> Value {
    let handle = makeHandle()
    defer { OSRDestroySpatialReference(handle) }
    return body(handle)
  }

  private static func makeHandle() -> OGRSpatialReferenceH {
    GDAL.register()
    guard let handle = OSRNewSpatialReference(nil) else {
      preconditionFailure("OSRNewSpatialReference allocates or aborts")
    }
    OSRSetAxisMappingStrategy(handle, OAMS_TRADITIONAL_GIS_ORDER)
    return handle
  }
}
