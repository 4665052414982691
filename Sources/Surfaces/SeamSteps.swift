import Grids

/// Compares steps in height and in slope at tile lines with those at nearby pixel boundaries.
///
/// A step in height is the first difference across a boundary. A step in slope is the second difference, averaged
/// over the two pixels next to the boundary. Each line is compared with boundaries 8 and 16 pixels away on either
/// side that are at least three pixels from any other line. The distances are short because the roughness of
/// terrain changes within tens of pixels, which could imitate or hide a seam. They are multiples of 8 because
/// networks upsample in factors of two, so their artifacts repeat every 2, 4, 8, or 16 pixels: a line must be
/// compared with boundaries of the same phase.
struct SeamSteps: Sendable {
  /// A segment of a tile line, one tile stride long.
  struct Segment: Hashable, Sendable {
    var height = StepContrast()
    var slope = StepContrast()
  }

  /// The segments by line and by span of the other axis.
  private(set) var columnSegments: [[Segment]]
  private(set) var rowSegments: [[Segment]]

  private let lines: TileLines
  private let columnReferences: [[Int]]
  private let rowReferences: [[Int]]
  private let spanOfColumn: [Int]
  private let spanOfRow: [Int]
  private var history = RowHistory(depth: 4 * period + 4)
  private var nextRowLine = 0

  private static let minimumDistance = 3
  private static let period = 8

  init(_ lines: TileLines) {
    self.lines = lines
    columnReferences = Self.references(lines.columns)
    rowReferences = Self.references(lines.rows)
    spanOfColumn = lines.columns.spanIndices
    spanOfRow = lines.rows.spanIndices
    columnSegments = lines.columns.lines.map { _ in lines.rows.spans.map { _ in Segment() } }
    rowSegments = lines.rows.lines.map { _ in lines.columns.spans.map { _ in Segment() } }
  }

  /// Returns the boundaries that each line is compared with.
  private static func references(_ axis: TileLines.Axis) -> [[Int]] {
    // For small tiles, at most a quarter of a stride.
    let period = min(period, max(minimumDistance, Int(axis.stride / 4)))
    let positions = axis.lines.map(\.position)
    return positions.map { line in
      [-2, -1, 1, 2].map { line + $0 * period }.filter { boundary in
        (1..<axis.extent).contains(boundary)
          && positions.allSatisfy { abs($0 - boundary) >= minimumDistance }
      }
    }
  }

  /// Adds the next row; NaN is a missing value.
  mutating func add(_ row: [Float]) {
    let span = spanOfRow[history.count]
    for (index, line) in lines.columns.lines.enumerated() {
      Self.compare(
        at: line.position, with: columnReferences[index], into: &columnSegments[index][span]
      ) { row.indices.contains($0) ? row[$0] : .nan }
    }
    history.append(row)
    let finished = lines.rows.lines[nextRowLine...].prefix {
      $0.position + 2 * Self.period + 1 < history.count
    }
    for _ in finished { compareNextRowLine() }
  }

  /// Completes the lines that have fewer rows below them.
  mutating func finish() {
    while nextRowLine < lines.rows.lines.count { compareNextRowLine() }
  }

  private mutating func compareNextRowLine() {
    let line = lines.rows.lines[nextRowLine].position
    for column in spanOfColumn.indices {
      Self.compare(
        at: line, with: rowReferences[nextRowLine],
        into: &rowSegments[nextRowLine][spanOfColumn[column]]
      ) { history[$0]?[column] ?? .nan }
    }
    nextRowLine += 1
  }

  /// Compares the steps of one profile across a line; `height` returns NaN outside the surface.
  @inline(__always)
  private static func compare(
    at line: Int, with references: [Int], into segment: inout Segment, height: (Int) -> Float
  ) {
    func step(_ boundary: Int) -> Float { abs(height(boundary) - height(boundary - 1)) }
    func bend(_ pixel: Int) -> Float {
      abs(height(pixel - 1) - 2 * height(pixel) + height(pixel + 1))
    }
    func slopeStep(_ boundary: Int) -> Float { (bend(boundary - 1) + bend(boundary)) / 2 }
    segment.height.add(on: step(line), off: mean(references, step))
    segment.slope.add(on: slopeStep(line), off: mean(references, slopeStep))
  }

  /// Returns the mean of the values that are not NaN; NaN if all are.
  @inline(__always)
  private static func mean(_ boundaries: [Int], _ value: (Int) -> Float) -> Float {
    var (sum, count) = (Float(0), Float(0))
    for boundary in boundaries {
      let value = value(boundary)
      guard !value.isNaN else { continue }
      sum += value
      count += 1
    }
    return sum / count
  }
}
