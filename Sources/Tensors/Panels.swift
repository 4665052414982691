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

  /// Packs so many rows, at most a panel of them, of `length` numbers that begin where `row` says.
  static func pack(
    _ rows: Range<Int>, length: Int, into packed: UnsafeMutablePointer<Float>,
    from row: (Int) -> UnsafePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: Panels.rows) { starts in
      for (place, index) in rows.enumerated() { starts[place] = row(index) }
      ck_pack_rows(packed, starts.baseAddress!, rows.count, length)
    }
  }
}
