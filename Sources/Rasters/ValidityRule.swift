/// The rule for when nodata makes a pixel invalid, and for what counts as nodata.
///
/// A sample that holds its band's nodata value is always missing from that band; the rule decides about the pixel.
/// Whatever the rule, a pixel is invalid if an alpha band or the mask of the dataset is 0, or if a selected sample is
/// not finite.
public struct ValidityRule: Sendable, Hashable, Codable {
  /// The number of selected bands that must hold nodata.
  public enum NoData: String, Sendable, Hashable, Codable, CaseIterable {
    /// A pixel is invalid if all selected bands hold their nodata value.
    case all
    /// A pixel is invalid if any selected band holds its nodata value.
    case any
  }

  /// Whether all or any of the selected bands must hold nodata.
  public var noData: NoData
  /// Nodata values that override those of the bands: one for all selected bands, or one for each; nil for none.
  public var declared: [Double]?

  /// Creates a rule; by default all selected bands must hold the nodata values that they declare.
  public init(noData: NoData = .all, declared: [Double]? = nil) {
    self.noData = noData
    self.declared = declared
  }

  /// Returns the nodata value of a band that is the selected band at index `channel`, from 0.
  func noData(of band: Band, channel: Int) -> Double? {
    guard let declared, let first = declared.first else { return band.noData }
    return declared.count == 1 ? first : declared[channel]
  }

  /// Returns how many of `count` selected bands must hold nodata for a pixel to be invalid.
  func bandsNeeded(of count: Int) -> Int { noData == .all ? count : 1 }
}

/// Returns whether two samples are equal at a precision of `epsilon`, by the criterion of GDAL's nodata masks.
///
/// Source: `ARE_REAL_EQUAL`, two units in the last place, in GDAL's `gdal_priv.h`. This form cannot overflow at the
/// ends of the range, where nodata values often lie.
func isSameSample(_ a: Double, _ b: Double, epsilon: Double) -> Bool {
  a == b || abs(a - b) < 4 * epsilon * max(abs(a), abs(b))
}
