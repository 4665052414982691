import CGDAL

/// The first layer of a vector file, read with OGR.
public struct LineLayer {
  /// The name of the layer.
  public let name: String
  /// The authority and code of its CRS, such as "EPSG:32633"; nil if it has none.
  public let crs: String?
  /// The fields of each feature as text, with its WKT as "geometry".
  public let features: [[String: String]]

  /// Reads the first layer of a file; nil if OGR cannot open it.
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
