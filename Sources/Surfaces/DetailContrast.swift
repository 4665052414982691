import Grids

/// Detail in the overlaps of tiles beside that in the tiles' own middles: blending that blurs shows here.
///
/// Detail is the height less its mean over 9 × 9 pixels. Each overlap is cut into cells of 16 pixels along it; a
/// cell's variance of detail is divided by that of the cell as wide, in the same rows (or columns), just inside the tile on either
/// side. All cells stay five pixels off the lines, whose steps are no detail. The answer is the median of these
/// quotients: roughness varies by orders of magnitude over a scene, and neighbours know best. Cells without any
/// detail, or mostly without values, are left out. Each cell costs eight bytes.
struct DetailContrast: Sendable {
  private static let radius = 4
  private static let gap = 5
  private static let cell = 16

  /// An overlap and its two flanks along an axis, of equal width.
  private struct Zones {
    let parts: [Range<Int>]

    init?(_ overlap: Range<Int>, _ axis: TileLines.Axis) {
      let own = Int(axis.stride) - overlap.count
      let width = min(overlap.count, own) - 2 * gap
      guard width >= 4 else { return nil }
      let middle = (overlap.lowerBound + overlap.upperBound - width) / 2
      let before = overlap.lowerBound - gap - width
      let after = overlap.upperBound + gap
      guard before >= 0, after + width <= axis.extent else { return nil }
      parts = [middle, before, after].map { $0..<$0 + width }
    }
  }

  private struct Variance {
    var sum = 0.0
    var count = 0

    mutating func add(_ detail: Double) {
      guard !detail.isNaN else { return }
      sum += detail * detail
      count += 1
    }
  }

  private let columns: [Zones]
  private let rows: [Zones]
  private let width: Int
  private var history = RowHistory(depth: 2 * radius + 1)
  /// By overlap and part, of the cells that the current rows belong to.
  private var columnCells: [[Variance]]
  /// By overlap, part and cell along the row; empty before the overlap's rows come and after.
  private var rowCells: [[[Variance]]]
  /// Of the quotients, by overlap: those across the columns first.
  private var logarithms: [[Float]]

  init(_ lines: TileLines) {
    columns = lines.columns.overlaps.compactMap { Zones($0, lines.columns) }
    rows = lines.rows.overlaps.compactMap { Zones($0, lines.rows) }
    width = lines.columns.extent
    columnCells = columns.map { _ in Array(repeating: Variance(), count: 3) }
    rowCells = rows.map { _ in [] }
    logarithms = (columns + rows).map { _ in [] }
  }

  /// Adds the next row, NaN where there is no value.
  mutating func add(_ row: [Float]) {
    guard !columns.isEmpty || !rows.isEmpty else { return }
    history.append(row)
    let centre = history.count - 1 - Self.radius
    guard let detail = detail(at: centre) else { return }
    for (index, zones) in columns.enumerated() {
      for (part, range) in zones.parts.enumerated() {
        for column in range { columnCells[index][part].add(detail[column]) }
      }
    }
    if centre % Self.cell == Self.cell - 1 { closeColumnCells() }
    for (index, zones) in rows.enumerated() {
      for (part, range) in zones.parts.enumerated() where range.contains(centre) {
        if rowCells[index].isEmpty {
          let cells = (width + Self.cell - 1) / Self.cell
          rowCells[index] = Array(
            repeating: Array(repeating: Variance(), count: cells), count: 3)
        }
        for column in 0..<width { rowCells[index][part][column / Self.cell].add(detail[column]) }
      }
      if zones.parts[2].upperBound == centre + 1 { closeRowCells(index) }
    }
  }

  /// Ends with the cells that the surface's lower edge cuts.
  mutating func finish() {
    closeColumnCells()
    for index in rows.indices { closeRowCells(index) }
  }

  /// Variance of detail in overlaps over that beside them; nil where there is nothing to compare.
  var ratio: Double? {
    let all = logarithms.flatMap { $0 }
    return all.isEmpty ? nil : exponential(Double(all.median()))
  }

  /// The standard error of the ratio, as a share of it, by how far the overlaps differ among themselves; nil for fewer
  /// than three.
  ///
  /// That of a median of normal values: 1.2533 times that of their mean.
  var relativeError: Double? {
    let medians = logarithms.filter { !$0.isEmpty }.map { Double($0.median()) }
    guard medians.count > 2 else { return nil }
    let count = Double(medians.count)
    let mean = medians.reduce(0, +) / count
    let squares = medians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return 1.2533 * (squares / (count - 1) / count).squareRoot()
  }

  /// The row less its means, NaN where one of the 81 values is missing; nil where rows are.
  private func detail(at row: Int) -> [Double]? {
    var sums = [Double](repeating: 0, count: width)
    for near in row - Self.radius...row + Self.radius {
      guard let values = history[near] else { return nil }
      for column in 0..<width { sums[column] += Double(values[column]) }
    }
    guard let values = history[row] else { return nil }
    let area = Double((2 * Self.radius + 1) * (2 * Self.radius + 1))
    return (0..<width).map { column in
      guard column >= Self.radius, column + Self.radius < width else { return .nan }
      let sum = sums[column - Self.radius...column + Self.radius].reduce(0, +)
      return Double(values[column]) - sum / area
    }
  }

  private mutating func closeColumnCells() {
    for index in columns.indices {
      compare(columnCells[index], of: index, pixels: columns[index].parts[0].count * Self.cell)
      columnCells[index] = Array(repeating: Variance(), count: 3)
    }
  }

  private mutating func closeRowCells(_ index: Int) {
    let cells = rowCells[index]
    rowCells[index] = []
    for cell in cells.first?.indices ?? 0..<0 {
      compare(
        cells.map { $0[cell] }, of: columns.count + index,
        pixels: rows[index].parts[0].count * Self.cell)
    }
  }

  /// Keeps the quotients of an overlap's cell and each of its flanks.
  private mutating func compare(_ cells: [Variance], of overlap: Int, pixels: Int) {
    let inside = cells[0]
    for flank in cells.dropFirst()
    where min(inside.count, flank.count) > pixels / 2 && inside.sum + flank.sum > 0 {
      let quotient = inside.sum / Double(inside.count) / (flank.sum / Double(flank.count))
      logarithms[overlap].append(Float(logarithm(quotient)))
    }
  }
}
