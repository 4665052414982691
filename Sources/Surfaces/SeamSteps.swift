import Grids

/// Steps in height and in slope along the lines of tiles, beside those along boundaries of pixels near each line.
///
/// A step in height is the first difference across a boundary; a step in slope is the second difference, the mean
/// of the two that the boundary takes part in. What a line is held against lies 8 and 16 pixels from it on either
/// side, no nearer than three to any other line. As near as that, for the roughness of land changes within tens of pixels
/// and would pose as a seam, or hide one; and by so many pixels, for what networks draw repeats after 2, 4, 8 or 16,
/// as they enlarge their maps by twos: a line must be held against boundaries of its own phase.
struct SeamSteps: Sendable {
  /// A stretch of a tile line, as long as a tile's stride.
  struct Segment: Hashable, Sendable {
    var height = StepContrast()
    var slope = StepContrast()
  }

  /// By line and by span of the other axis.
  private(set) var columnSegments: [[Segment]]
  private(set) var rowSegments: [[Segment]]

  private let lines: TileLines
  private let columnReferences: [[Int]]
  private let rowReferences: [[Int]]
  private let spanOfColumn: [Int]
  private let spanOfRow: [Int]
  private var history = RowHistory(depth: 4 * period + 4)
  private var nextRowLine = 0

  private static let nearest = 3
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

  /// For each line, the boundaries that it is compared with.
  private static func references(_ axis: TileLines.Axis) -> [[Int]] {
    // Where tiles are small, as far as a quarter of a stride.
    let period = min(period, max(nearest, Int(axis.stride / 4)))
    let positions = axis.lines.map(\.position)
    return positions.map { line in
      [-2, -1, 1, 2].map { line + $0 * period }.filter { boundary in
        (1..<axis.extent).contains(boundary)
          && positions.allSatisfy { abs($0 - boundary) >= nearest }
      }
    }
  }

  /// Adds the next row, NaN where there is no value.
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

  /// Ends with the lines that have fewer rows below them than the others.
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

  /// Compares the steps of one profile across a line; `height` gives NaN outside the surface.
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

  /// The mean of the values that are not NaN; NaN where all are.
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
