import Grids

/// The stored form of a level: its tiles as runs within rows, which are few even for millions of tiles.
extension ScenePlan.Level {
  private enum Key: CodingKey { case lattice, tiles, wanted, gsd }

  /// Decodes a level.
  ///
  /// - Throws: `DecodingError` if the runs are not in order, or have more than 2²⁴ tiles.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    lattice = try values.decode(Grid.self, forKey: .lattice)
    tiles = try values.decode(TileGrid.self, forKey: .tiles)
    gsd = try values.decodeIfPresent(Double.self, forKey: .gsd)
    let numbers = try values.decode([Int].self, forKey: .wanted)
    var wanted: [TileIndex] = []
    var last = TileIndex(row: 0, column: -1)
    for start in stride(from: 0, to: numbers.count - 2, by: 3) {
      let (row, first, end) = (numbers[start], numbers[start + 1], numbers[start + 2])
      guard last < TileIndex(row: row, column: first), first >= 0, end > first,
        end - first <= Self.maximumTiles - wanted.count
      else { throw Self.error(values, "impossible run of tiles at number \(start)") }
      wanted += (first..<end).map { TileIndex(row: row, column: $0) }
      last = TileIndex(row: row, column: end - 1)
    }
    guard numbers.count % 3 == 0 else { throw Self.error(values, "an incomplete run of tiles") }
    self.wanted = wanted
  }

  /// Encodes the level; each run is the row, the first column and the column after the last.
  public func encode(to encoder: any Encoder) throws {
    var runs: [Int] = []
    for tile in wanted {
      if let end = runs.last, runs[runs.count - 3] == tile.row, end == tile.column {
        runs[runs.count - 1] += 1
      } else {
        runs += [tile.row, tile.column, tile.column + 1]
      }
    }
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(lattice, forKey: .lattice)
    try values.encode(tiles, forKey: .tiles)
    try values.encode(runs, forKey: .wanted)
    try values.encodeIfPresent(gsd, forKey: .gsd)
  }

  private static let maximumTiles = 1 << 24

  private static func error(_ values: KeyedDecodingContainer<Key>, _ text: String) -> DecodingError
  {
    DecodingError.dataCorruptedError(forKey: .wanted, in: values, debugDescription: text)
  }
}
