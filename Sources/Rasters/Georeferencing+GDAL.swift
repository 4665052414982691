import CGDAL
import Grids

extension Georeferencing {
  /// Reads the georeferencing of a dataset.
  init(_ dataset: GDALDatasetH) throws(RasterError) {
    self.init()
    var coefficients = [Double](repeating: 0, count: 6)
    // Formats that require a transform write the identity for none; a GeoTIFF drops it.
    if GDALGetGeoTransform(dataset, &coefficients) == CE_None, coefficients != [0, 1, 0, 0, 0, 1] {
      geoTransform = GeoTransform(coefficients)
    }
    if let handle = GDALGetSpatialRef(dataset) { crs = try CRS(handle) }
    if let points = GDALGetGCPs(dataset) {
      groundControlPoints = (0..<Int(GDALGetGCPCount(dataset))).map {
        GroundControlPoint(points[$0])
      }
    }
    if let handle = GDALGetGCPSpatialRef(dataset) { groundControlCRS = try CRS(handle) }
    // A CRS without a transform does not apply to ground control points, which have their own.
    if kind == .groundControl { crs = nil }
    rationalPolynomials = pairs(GDALGetMetadata(dataset, "RPC"))
    areaOrPoint = GDALGetMetadataItem(dataset, "AREA_OR_POINT", nil).map { String(cString: $0) }
  }

  /// Sets the georeferencing of a dataset, without ground control points if there is a geotransform.
  ///
  /// A GeoTIFF holds either of them; GDAL's driver reports no CRS for a file that has both.
  func apply(to dataset: GDALDatasetH, path: String) throws(RasterError) {
    if let crs { try apply(crs, to: dataset, path: path) }
    if let geoTransform { try apply(geoTransform, to: dataset, path: path) }
    if geoTransform == nil, !groundControlPoints.isEmpty {
      try applyGroundControl(to: dataset, path: path)
    }
    if !rationalPolynomials.isEmpty { try applyRationalPolynomials(to: dataset, path: path) }
    if let areaOrPoint {
      try apply(areaOrPoint: areaOrPoint, to: dataset, path: path)
    }
  }

  func apply(areaOrPoint: String, to dataset: GDALDatasetH, path: String) throws(RasterError) {
    try gdal(.writing, "\(path): AREA_OR_POINT") {
      GDALSetMetadataItem(dataset, "AREA_OR_POINT", areaOrPoint, nil)
    }
  }

  func apply(_ crs: CRS, to dataset: GDALDatasetH, path: String) throws(RasterError) {
    try gdal(.writing, "\(path): coordinate reference system") {
      crs.withHandle { GDALSetSpatialRef(dataset, $0) }
    }
  }

  func apply(_ geoTransform: GeoTransform, to dataset: GDALDatasetH, path: String)
    throws(RasterError)
  {
    try gdal(.writing, "\(path): geotransform") {
      var coefficients = geoTransform.coefficients
      return GDALSetGeoTransform(dataset, &coefficients)
    }
  }

  func applyGroundControl(to dataset: GDALDatasetH, path: String) throws(RasterError) {
    var points = groundControlPoints.map(\.gdalValue)
    defer {
      for point in points {
        free(point.pszId)
        free(point.pszInfo)
      }
    }
    try gdal(.writing, "\(path): ground control points") {
      guard let groundControlCRS else {
        return GDALSetGCPs2(dataset, Int32(points.count), &points, nil)
      }
      return groundControlCRS.withHandle {
        GDALSetGCPs2(dataset, Int32(points.count), &points, $0)
      }
    }
  }

  func applyRationalPolynomials(to dataset: GDALDatasetH, path: String) throws(RasterError) {
    let list = StringList(rationalPolynomials)
    try gdal(.writing, "\(path): rational polynomials") {
      GDALSetMetadata(dataset, list.pointer, "RPC")
    }
  }
}

extension GroundControlPoint {
  init(_ point: GDAL_GCP) {
    self.init(
      id: String(cString: point.pszId), info: String(cString: point.pszInfo),
      column: point.dfGCPPixel, row: point.dfGCPLine, x: point.dfGCPX, y: point.dfGCPY,
      z: point.dfGCPZ)
  }

  /// The point as GDAL's C structure; the caller frees both strings.
  var gdalValue: GDAL_GCP {
    GDAL_GCP(
      pszId: strdup(id), pszInfo: strdup(info), dfGCPPixel: column, dfGCPLine: row, dfGCPX: x,
      dfGCPY: y, dfGCPZ: z)
  }
}
