import Grids

/// Compares the rises of a surface across tile overlaps with rises over the same distance before and after them.
///
/// Tiles with different height offsets or relief strengths cause no step at their edges, because the feather
/// spreads the difference over the whole overlap. It appears there as a rise that the interiors of the tiles do not
/// have. If the overlap is wider than the part of a tile outside overlaps, only the center of the overlap is used.
struct BroadSteps: Sendable {
  /// The contrasts by overlap and by span of the other axis.
  private(set) var columnSegments: [[StepContrast]]
  private(set) var rowSegments: [[StepContrast]]

  private let columns: [Profile?]
  private let rows: [Profile?]
  private let spanOfColumn: [Int]
  private let spanOfRow: [Int]
  /// The rows that a profile across rows still needs.
  private var kept: [Int: [Float]] = [:]
  private var count = 0

  /// The positions along an axis at which heights are sampled.
  private struct Profile {
    static let minimumLength = 8
    // Heights are compared at both bounds of each range.
    let before: Range<Int>
    let inside: Range<Int>
    let after: Range<Int>

    /// Nil if the overlap, or the part of a tile outside overlaps, is too narrow to distinguish a rise from a step.
    init?(_ overlap: Range<Int>, _ axis: TileLines.Axis) {
      // From the last pixel before the overlap to the first pixel after it, if the non-overlapping part is as wide.
      let length = min(overlap.count + 1, Int(axis.stride) - overlap.count - 1)
      guard length >= Self.minimumLength else { return nil }
      let (last, first) = (overlap.lowerBound - 1, overlap.upperBound)
      let start = (last + first - length) / 2
      inside = start..<start + length
      before = last - length..<last
      after = first..<first + length
    }

    var positions: [Int] { [before, inside, after].flatMap { [$0.lowerBound, $0.upperBound] } }
  }

  init(_ lines: TileLines) {
    columns = lines.columns.overlaps.map { Profile($0, lines.columns) }
    rows = lines.rows.overlaps.map { Profile($0, lines.rows) }
    spanOfColumn = lines.columns.spanIndices
    spanOfRow = lines.rows.spanIndices
    columnSegments = columns.map { _ in lines.rows.spans.map { _ in StepContrast() } }
    rowSegments = rows.map { _ in lines.columns.spans.map { _ in StepContrast() } }
  }

  /// Adds the next row; NaN is a missing value.
  mutating func add(_ row: [Float]) {
    for (index, profile) in columns.enumerated() {
      guard let profile else { continue }
      Self.compare(profile, into: &columnSegments[index][spanOfRow[count]]) {
        row.indices.contains($0) ? row[$0] : .nan
      }
    }
    if rows.contains(where: { $0?.positions.contains(count) ?? false }) { kept[count] = row }
    count += 1
    for (index, profile) in rows.enumerated() where profile?.after.upperBound == count - 1 {
      compareRows(index)
    }
  }

  /// Completes the overlaps that have fewer rows below them.
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
    // Overlaps are in order, and each samples rows below those of the previous one.
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
