import Grids

/// Rises of a surface over the overlaps of tiles, beside those over as many pixels before and after them.
///
/// Tiles that stand at different heights, or show relief of different strength, make no step at their edges: the feather
/// spreads it over the whole overlap. There it is a rise that the ground inside the tiles does not have. Where the
/// overlap is wider than what a tile has to itself, its middle is taken.
struct BroadSteps: Sendable {
  /// By overlap, and by span of the other axis.
  private(set) var columnSegments: [[StepContrast]]
  private(set) var rowSegments: [[StepContrast]]

  private let columns: [Profile?]
  private let rows: [Profile?]
  private let spanOfColumn: [Int]
  private let spanOfRow: [Int]
  /// Rows that a profile across the rows still needs.
  private var kept: [Int: [Float]] = [:]
  private var count = 0

  /// Where heights are taken along an axis.
  private struct Profile {
    static let least = 8
    /// Heights are compared at both bounds of each range.
    let before: Range<Int>
    let inside: Range<Int>
    let after: Range<Int>

    /// Nil where the overlap, or what a tile has to itself, is too narrow for more than steps.
    init?(_ overlap: Range<Int>, _ axis: TileLines.Axis) {
      // From the last pixel before the overlap to the first behind it, if tiles have as much to themselves.
      let length = min(overlap.count + 1, Int(axis.stride) - overlap.count - 1)
      guard length >= Self.least else { return nil }
      let (last, first) = (overlap.lowerBound - 1, overlap.upperBound)
      let start = (last + first - length) / 2
      inside = start..<start + length
      before = last - length..<last
      after = first..<first + length
    }

    var places: [Int] { [before, inside, after].flatMap { [$0.lowerBound, $0.upperBound] } }
  }

  init(_ lines: TileLines) {
    columns = lines.columns.overlaps.map { Profile($0, lines.columns) }
    rows = lines.rows.overlaps.map { Profile($0, lines.rows) }
    spanOfColumn = lines.columns.spanIndices
    spanOfRow = lines.rows.spanIndices
    columnSegments = columns.map { _ in lines.rows.spans.map { _ in StepContrast() } }
    rowSegments = rows.map { _ in lines.columns.spans.map { _ in StepContrast() } }
  }

  /// Adds the next row, NaN where there is no value.
  mutating func add(_ row: [Float]) {
    for (index, profile) in columns.enumerated() {
      guard let profile else { continue }
      Self.compare(profile, into: &columnSegments[index][spanOfRow[count]]) {
        row.indices.contains($0) ? row[$0] : .nan
      }
    }
    if rows.contains(where: { $0?.places.contains(count) ?? false }) { kept[count] = row }
    count += 1
    for (index, profile) in rows.enumerated() where profile?.after.upperBound == count - 1 {
      compareRows(index)
    }
  }

  /// Ends with the overlaps that have fewer rows below them.
  mutating func finish() {
    for (index, profile) in rows.enumerated() where (profile?.after.upperBound ?? -1) >= count {
      compareRows(index)
    }
  }

  private mutating func compareRows(_ index: Int) {
    guard let profile = rows[index] else { return }
    for column in spanOfColumn.indices {
      Self.compare(profile, into: &rowSegments[index][spanOfColumn[column]]) {
        kept[$0]?[column] ?? .nan
      }
    }
    // Overlaps come in order, each with places behind those of the one before.
    kept = kept.filter { $0.key >= profile.after.lowerBound }
  }

  @inline(__always)
  private static func compare(
    _ profile: Profile, into segment: inout StepContrast, height: (Int) -> Float
  ) {
    func rise(_ range: Range<Int>) -> Float {
      abs(height(range.upperBound) - height(range.lowerBound))
    }
    let off = [rise(profile.before), rise(profile.after)].filter { !$0.isNaN }
    guard !off.isEmpty else { return }
    segment.add(on: rise(profile.inside), off: off.reduce(0, +) / Float(off.count))
  }
}
