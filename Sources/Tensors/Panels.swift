import CKernels

/// The shapes that packed products take: panels of rows and of columns that fit the registers together.
enum Panels {
  static let rows = Int(CK_PANEL_ROWS)
  static let columns = Int(CK_PANEL_COLUMNS)
  static let lanes = Int(CK_PANEL_LANES)

  /// How many panels of `length` hold so many rows or columns.
  static func count(_ total: Int, of length: Int) -> Int { (total + length - 1) / length }

  /// So many channels filled up to whole lanes.
  static func depth(_ channels: Int) -> Int { count(channels, of: lanes) * lanes }
}
