import CGDAL

/// The first layer of a vector file, as OGR reads it.
public struct LineLayer {
  public let name: String
  /// The register's entry of its CRS, such as "EPSG:32633"; nil where it has none.
  public let crs: String?
  /// Each feature's fields as text, and under "geometry" its WKT.
  public let features: [[String: String]]

  /// Nil where OGR can't open it.
  public init?(_ path: String) {
    GDALAllRegister()
    guard let dataset = GDALOpenEx(path, UInt32(GDAL_OF_VECTOR), nil, nil, nil) else { return nil }
    defer { GDALClose(dataset) }
    guard let layer = GDALDatasetGetLayer(dataset, 0) else { return nil }
    name = String(cString: OGR_L_GetName(layer))
    crs = OGR_L_GetSpatialRef(layer).flatMap { system in
      guard let name = OSRGetAuthorityName(system, nil), let code = OSRGetAuthorityCode(system, nil)
      else { return nil }
      return "\(String(cString: name)):\(String(cString: code))"
    }
    var features: [[String: String]] = []
    while let feature = OGR_L_GetNextFeature(layer) {
      defer { OGR_F_Destroy(feature) }
      var fields: [String: String] = [:]
      for index in 0..<OGR_F_GetFieldCount(feature)
      where OGR_F_IsFieldSetAndNotNull(feature, index) != 0 {
        let name = String(cString: OGR_Fld_GetNameRef(OGR_F_GetFieldDefnRef(feature, index)))
        fields[name] = String(cString: OGR_F_GetFieldAsString(feature, index))
      }
      var wkt: UnsafeMutablePointer<CChar>?
      OGR_G_ExportToWkt(OGR_F_GetGeometryRef(feature), &wkt)
      if let wkt { fields["geometry"] = String(cString: wkt) }
      VSIFree(wkt)
      features.append(fields)
    }
    self.features = features
  }
}
