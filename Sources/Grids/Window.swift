/// A rectangle of pixels: offset and size, as GDAL's `xoff, yoff, xsize, ysize`.
///
/// Columns grow to the right and rows downward. A window may lie partly or wholly outside its grid; what a
/// caller wants there (an error, mirrored context) is the caller's to say.
public struct Window: Hashable, Sendable, Codable {
  public var column: Int
  public var row: Int
  public var width: Int
  public var height: Int

  public init(column: Int, row: Int, width: Int, height: Int) {
    precondition(width >= 0 && height >= 0, "a window cannot have a negative size")
    self.column = column
    self.row = row
    self.width = width
    self.height = height
  }

  /// The columns covered, from the left.
  public var columns: Range<Int> { column..<column + width }
  /// The rows covered, from the top.
  public var rows: Range<Int> { row..<row + height }

  public var isEmpty: Bool { width == 0 || height == 0 }
  public var pixelCount: Int { width * height }

  /// The part that both windows cover; empty when they do not meet.
  public func intersection(_ other: Window) -> Window {
    let columns = columns.clamped(to: other.columns)
    let rows = rows.clamped(to: other.rows)
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  public func overlaps(_ other: Window) -> Bool { !intersection(other).isEmpty }

  public func contains(_ other: Window) -> Bool { intersection(other) == other }

  /// The same rectangle as seen from `origin`'s upper left corner.
  public func relative(to origin: Window) -> Window {
    Window(
      column: column - origin.column, row: row - origin.row, width: width, height: height)
  }
}

extension Window: CustomStringConvertible {
  /// As the command line takes it: `column,row,width,height`.
  public var description: String { "\(column),\(row),\(width),\(height)" }
}

extension Window {
  /// - Throws: `DecodingError` for a negative size, or one beyond any number.
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
        .init(codingPath: decoder.codingPath, debugDescription: "no window has such a size"))
    }
  }
}
