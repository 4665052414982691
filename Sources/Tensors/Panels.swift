import CKernels

/// The sizes of packed matrix products: panels of rows and columns that fit in the registers together.
enum Panels {
  static let rows = Int(CK_PANEL_ROWS)
  static let columns = Int(CK_PANEL_COLUMNS)
  static let lanes = Int(CK_PANEL_LANES)

  /// Returns the number of panels of `length` that hold `total` rows or columns.
  static func count(_ total: Int, of length: Int) -> Int { (total + length - 1) / length }

  /// Returns the number of channels rounded up to whole SIMD lanes.
  static func depth(_ channels: Int) -> Int { count(channels, of: lanes) * lanes }

  /// Packs at most one panel of rows, each with `length` elements that start at the pointer that `row` returns.
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
