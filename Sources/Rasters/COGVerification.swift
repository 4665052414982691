import CGDAL
import Grids

extension COGWriter {
  /// Reopens the finished file and compares its metadata and the bits of every pixel with the expected ones.
  ///
  /// - Throws: `.io` with the first item that differs, what was found and what was expected.
  func verify(
    against source: borrowing Dataset, statistics: [String: String], progress: (Double) -> Bool
  ) throws(RasterError) {
    let written = try Dataset(reading: temporary)
    let band = written.bands[0]
    try require("size", [written.width, written.height], [description.width, description.height])
    try require("bands", written.bands.count, 1)
    try require("type", band.sampleType.name, description.sample.name)
    try require("layout", written.metadata(domain: "IMAGE_STRUCTURE")["LAYOUT"] ?? "none", "COG")
    try require("nodata", band.noData?.description ?? "none", "\(Double(description.noData))")
    try require("description", band.description, description.bandDescription)
    try require("unit", band.unit, description.unit)
    try require("categories", written.categories(band: 1), description.categories)
    let metadata = written.metadata()
    for (key, value) in description.metadata.sorted(by: { $0.key < $1.key }) {
      try require("metadata \(key)", metadata[key] ?? "none", value)
    }
    for (key, value) in statistics.sorted(by: { $0.key < $1.key }) {
      try require("statistics \(key)", band.metadata[key] ?? "none", value)
    }
    try verify(written.georeferencing)
    try require(
      "ground control metadata", written.metadata(domain: Georeferencing.groundControlDomain),
      description.georeferencing.groundControlMetadata)
    for strip in source.strips {
      try verify(strip, try written.read(strip, band: 1), try source.read(strip, band: 1))
      try source.check(progress, Double(strip.rows.upperBound) / Double(source.height))
    }
  }

  private func verify(_ found: Georeferencing) throws(RasterError) {
    let wanted = description.georeferencing
    try require(
      "geotransform", found.geoTransform?.coefficients, wanted.geoTransform?.coefficients,
      where: found.geoTransform?.bits == wanted.geoTransform?.bits)
    try require(
      "coordinate reference system", found.crs?.wkt, wanted.crs?.wkt,
      where: found.hasSameCRS(as: wanted))
    try require(
      "ground control points", found.groundControlPoints, wanted.groundControlPoints,
      where: wanted.kind == .map || found.hasSameGroundControl(as: wanted))
    try require(
      "rational polynomials", found.rationalPolynomials, wanted.rationalPolynomials,
      where: found.hasSameRationalPolynomials(as: wanted))
    try require(
      "AREA_OR_POINT", found.areaOrPoint ?? "none", wanted.areaOrPoint ?? "none",
      where: found.hasSameAreaOrPoint(as: wanted))
  }

  private func verify(_ strip: Window, _ found: [Float], _ expected: [Float]) throws(RasterError) {
    for index in expected.indices where found[index].bitPattern != expected[index].bitPattern {
      let (row, column) = index.quotientAndRemainder(dividingBy: strip.width)
      try require(
        "the pixel at column \(column), row \(strip.row + row)", found[index], expected[index],
        where: false)
    }
  }

  private func require<Value: Equatable>(_ what: String, _ found: Value, _ expected: Value)
    throws(RasterError)
  {
    try require(what, found, expected, where: found == expected)
  }

  private func require<Value>(
    _ what: String, _ found: Value, _ expected: Value, where isRight: Bool
  ) throws(RasterError) {
    guard !isRight else { return }
    throw RasterError(
      .io, "\(path) did not verify after writing: \(what) is \(found), expected \(expected)")
  }
}

extension GeoTransform {
  /// The bit patterns of the coefficients.
  var bits: [UInt64] { coefficients.map(\.bitPattern) }
}

extension Georeferencing {
  /// Returns whether both have equivalent CRSs for the geotransform.
  func hasSameCRS(as other: Georeferencing) -> Bool {
    Georeferencing.isSame(crs, other.crs)
  }

  /// Returns whether both have the same ground control points and equivalent CRSs for them.
  func hasSameGroundControl(as other: Georeferencing) -> Bool {
    groundControlPoints == other.groundControlPoints
      && (groundControlPoints.isEmpty
        || Georeferencing.isSame(groundControlCRS, other.groundControlCRS))
  }

  /// Returns whether the models have the same numbers; a GeoTIFF stores numbers, which GDAL prints with 15 digits.
  func hasSameRationalPolynomials(as other: Georeferencing) -> Bool {
    rationalPolynomials.count == other.rationalPolynomials.count
      && rationalPolynomials.allSatisfy { key, text in
        guard let expected = other.rationalPolynomials[key] else { return false }
        let (found, wanted) = (Self.numbers(text), Self.numbers(expected))
        return found.count == wanted.count
          && zip(found, wanted).allSatisfy { abs($0 - $1) <= 1e-14 * abs($1) }
      }
  }

  /// Returns whether both have the same `AREA_OR_POINT`; the default is "Area".
  func hasSameAreaOrPoint(as other: Georeferencing) -> Bool {
    (areaOrPoint ?? "Area") == (other.areaOrPoint ?? "Area")
  }

  private static func numbers(_ text: String) -> [Double] {
    text.split(separator: " ").map { CPLAtof(String($0)) }
  }

  private static func isSame(_ a: CRS?, _ b: CRS?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return a.isSame(as: b)
  }
}
