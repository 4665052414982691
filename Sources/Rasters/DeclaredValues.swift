/// Special sample values that are declared only in a product's metadata and that GDAL does not report as nodata.
///
/// The following keys are recognized; those of the band take precedence over those of the dataset:
/// - `_FillValue` and `missing_value`, attributes of netCDF and HDF products (CF conventions, section 2.5.1), which
///   remain in the metadata when such a product is converted;
/// - `NODATA_VALUES`, one for each band of the dataset, where GDAL does not make a mask of it;
/// - `SPECIAL_VALUE_NODATA` and `SPECIAL_VALUE_SATURATED`, the `Special_Values` of a Sentinel-2 product, which GDAL's
///   SENTINEL2 driver stores in the dataset's metadata.
struct DeclaredValues {
  /// The nodata value; nil if none is declared.
  let noData: Double?
  /// The value of saturated samples; nil if none is declared.
  let saturated: Double?

  init(band: [String: String], product: [String: String], number: Int) {
    let fills = ["_FillValue", "missing_value"].lazy
    let ofEachBand = product["NODATA_VALUES"].map { text in
      text.split { $0 == " " || $0 == "," }.map { Double($0) }
    }
    noData =
      fills.compactMap { band[$0].flatMap(Self.number) }.first
      ?? ofEachBand.flatMap { $0.indices.contains(number - 1) ? $0[number - 1] : nil }
      ?? fills.compactMap { product[$0].flatMap(Self.number) }.first
      ?? product["SPECIAL_VALUE_NODATA"].flatMap(Self.number)
    saturated = product["SPECIAL_VALUE_SATURATED"].flatMap(Self.number)
  }

  /// Parses a number, or an array of a single number such as `{-9999}`.
  private static func number(_ text: String) -> Double? {
    Double(text.trimming { $0 == "{" || $0 == "}" || $0.isWhitespace })
  }
}

extension String {
  fileprivate func trimming(_ isOutside: (Character) -> Bool) -> Substring {
    var inside = drop(while: isOutside)
    while let last = inside.last, isOutside(last) { inside.removeLast() }
    return inside
  }
}
