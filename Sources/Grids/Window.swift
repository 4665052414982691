/// A rectangle of pixels: offset and size, like GDAL's `xoff, yoff, xsize, ysize`.
///
/// Columns increase to the right and rows downward. A window may lie partly or entirely outside its grid; the caller
/// decides how to treat the part outside (as an error, with mirrored context).
public struct Window: Hashable, Sendable, Codable {
  /// The first column.
  public var column: Int
  /// The first row.
  public var row: Int
  /// Number of columns.
  public var width: Int
  /// Number of rows.
  public var height: Int

  /// Creates a window.
  ///
  /// - Precondition: `width` and `height` are not negative.
  public init(column: Int, row: Int, width: Int, height: Int) {
    precondition(width >= 0 && height >= 0, "a window cannot have a negative size")
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// The columns of the window, from left to right.
  public var columns: Range<Int> { column..<column + width }
  /// The rows of the window, from top to bottom.
  public var rows: Range<Int> { row..<row + height }

  /// Whether the window contains no pixels.
  public var isEmpty: Bool { width == 0 || height == 0 }
  /// Number of pixels.
  public var pixelCount: Int { width * height }

  /// Returns the part that both windows cover; empty if they do not overlap.
  public func intersection(_ other: Window) -> Window {
    let columns = columns.clamped(to: other.columns)
    let rows = rows.clamped(to: other.rows)
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Returns whether the two windows share any pixels.
  public func overlaps(_ other: Window) -> Bool { !intersection(other).isEmpty }

  /// Returns whether the other window lies entirely inside this one.
  public func contains(_ other: Window) -> Bool { intersection(other) == other }
}

extension Window: CustomStringConvertible {
  /// The window in the format of the command line: `column,row,width,height`.
  public var description: String { "\(column),\(row),\(width),\(height)" }
}

extension Window {
  /// Decodes a window.
  ///
  /// - Throws: `DecodingError` if the size is negative or an edge does not fit in an `Int`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    column = try container.decode(Int.self, forKey: .column)
    row = try container.decode(Int.self, forKey: .row)
    width = try container.decode(Int.self, forKey: .width)
    height = try container.decode(Int.self, forKey: .height)
    guard width >= 0, height >= 0, !column.addingReportingOverflow(width).overflow,
      !row.addingReportingOverflow(height).overflow
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "the window \(column),\(row),\(width),\(height) has a negative size "
            + "or edges that overflow"))
    }
  }
}
