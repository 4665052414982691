/// The last rows of a surface that arrives row by row.
struct RowHistory: Sendable {
  /// Rows that have arrived.
  private(set) var count = 0
  private let depth: Int
  private var rows: [[Float]] = []

  /// Keeps `depth` rows.
  init(depth: Int) { self.depth = depth }

  mutating func append(_ row: [Float]) {
    rows.count < depth ? rows.append(row) : (rows[count % depth] = row)
    count += 1
  }

  /// A row by its number in the surface; nil where it has not arrived, or is not kept any more.
  subscript(_ row: Int) -> [Float]? {
    (max(0, count - depth)..<count).contains(row) ? rows[row % depth] : nil
  }
}
