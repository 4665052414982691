import CGDAL

/// A coordinate reference system: a value that holds its definition as WKT2, and nothing of PROJ's.
///
/// Coordinates are always x before y, longitude before latitude, whatever the axes' order in the definition.
/// `==` compares definitions letter by letter; `isSame(as:)` asks PROJ whether they mean the same.
public struct CRS: Hashable, Sendable {
  /// The definition as WKT2:2019.
  public let wkt: String
  /// The moment, in decimal years, to which coordinates in a dynamic CRS refer; nil where it isn't given.
  public let coordinateEpoch: Double?

  /// From what a user may write: `EPSG:32612`, WKT of any kind, a PROJ string, PROJJSON.
  ///
  /// - Throws: `.usage` when PROJ doesn't understand it, `.missingResource` when PROJ has no database.
  public init(_ definition: String) throws(RasterError) {
    let handle = CRS.makeHandle()
    defer { OSRDestroySpatialReference(handle) }
    let (status, log) = logging { OSRSetFromUserInput(handle, definition) }
    guard status == OGRERR_NONE else {
      let kind: RasterError.Kind = GDAL.projDatabase == nil ? .missingResource : .usage
      let reasons = log.failures.map(\.message)
      throw RasterError(
        kind,
        "no coordinate reference system is known as \"\(definition)\"; \(Self.advice(definition))",
        earlier: reasons)
    }
    try self.init(handle)
  }

  /// What to write instead: a number alone is one of EPSG's.
  private static func advice(_ definition: String) -> String {
    let digits = definition.drop { !$0.isNumber }
    let isCode = !digits.isEmpty && digits.count <= 6 && digits.allSatisfy(\.isNumber)
    return "expected such as EPSG:\(isCode ? String(digits) : "4326")"
  }

  /// From a handle that stays GDAL's.
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
    coordinateEpoch = epoch == 0 ? nil : epoch  // GDAL's way of saying none
  }

  /// As the authority that defined it calls it, such as "WGS 84 / UTM zone 12N".
  public var name: String {
    withHandle { OSRGetName($0).map { String(cString: $0) } ?? "" }
  }

  /// Its entry in a register, such as "EPSG:32612", where the definition names one.
  public var authority: String? {
    withHandle {
      guard let name = OSRGetAuthorityName($0, nil), let code = OSRGetAuthorityCode($0, nil)
      else { return nil }
      return "\(String(cString: name)):\(String(cString: code))"
    }
  }

  /// Whether its coordinates are longitude and latitude.
  public var isGeographic: Bool { withHandle { OSRIsGeographic($0) != 0 } }

  /// The same without a vertical axis, where it has one.
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

  /// Whether both mean the same system, however they are written.
  public func isSame(as other: CRS) -> Bool {
    withHandle { own in other.withHandle { OSRIsSame(own, $0) != 0 } }
  }

  /// Runs `body` with a handle that lives no longer.
  func withHandle<Value>(_ body: (OGRSpatialReferenceH) -> Value) -> Value {
    let handle = CRS.makeHandle()
    defer { OSRDestroySpatialReference(handle) }
    let (status, log) = logging {
      let text = strdup(wkt)
      defer { free(text) }
      var rest = text
      return OSRImportFromWkt(handle, &rest)
    }
    precondition(status == OGRERR_NONE, "PROJ refuses WKT that it wrote: \(log.failures)")
    if let coordinateEpoch { OSRSetCoordinateEpoch(handle, coordinateEpoch) }
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
