/// When a pixel's nodata makes the pixel invalid, and what counts as nodata.
///
/// A sample that holds its band's nodata is missing from that band in any case; the rule decides about the pixel.
/// Whatever the rule, a pixel is invalid where an alpha band or a mask of the dataset is 0, or where a
/// selected sample is not finite.
public struct ValidityRule: Sendable, Hashable, Codable {
  /// How many of the selected bands must hold nodata.
  public enum NoData: String, Sendable, Hashable, Codable, CaseIterable {
    /// A pixel is invalid when all selected bands hold their nodata.
    case all
    /// A pixel is invalid when one of the selected bands does.
    case any
  }

  /// How many bands it takes.
  public var noData: NoData
  /// Nodata in place of what the bands declare: one value for all selected bands, or one for each; nil takes each
  /// band's own.
  public var declared: [Double]?

  /// All bands and their own nodata, unless said otherwise.
  public init(noData: NoData = .all, declared: [Double]? = nil) {
    self.noData = noData
    self.declared = declared
  }

  /// The nodata of the band that is the channel-th of those selected, from 0.
  func noData(of band: Band, channel: Int) -> Double? {
    guard let declared, let first = declared.first else { return band.noData }
    return declared.count == 1 ? first : declared[channel]
  }

  /// How many of so many bands must hold their nodata for a pixel to be invalid.
  func bandsNeeded(of count: Int) -> Int { noData == .all ? count : 1 }
}

/// Whether two samples are the same number at a precision of `epsilon`, as GDAL's nodata masks decide it.
///
/// Source: `ARE_REAL_EQUAL`, two units in the last place, in GDAL's `gdal_priv.h`; written so that it can't
/// overflow at the ends of the range, where nodata often lies.
func isSameSample(_ a: Double, _ b: Double, epsilon: Double) -> Bool {
  a == b || abs(a - b) < 4 * epsilon * max(abs(a), abs(b))
}
