/// The most recent rows of a surface that is streamed row by row.
struct RowHistory: Sendable {
  /// The number of rows received.
  private(set) var count = 0
  private let depth: Int
  private var rows: [[Float]] = []

  /// Creates a buffer of the last `depth` rows.
  init(depth: Int) { self.depth = depth }

  mutating func append(_ row: [Float]) {
    rows.count < depth ? rows.append(row) : (rows[count % depth] = row)
    count += 1
  }

  /// The row with the given number; nil if it has not arrived yet or is no longer buffered.
  subscript(_ row: Int) -> [Float]? {
    (max(0, count - depth)..<count).contains(row) ? rows[row % depth] : nil
  }
}
