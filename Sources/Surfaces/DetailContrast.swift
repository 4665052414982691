import Grids

/// Compares fine detail in the overlaps of tiles with fine detail next to them, to detect blending that blurs.
///
/// Detail is the height minus its mean over 9 × 9 pixels. Each overlap is divided into cells of 16 pixels along it.
/// The variance of detail in a cell is divided by the variance in each flank: a cell of the same width in the same
/// rows (or columns), in the interior of the tile on either side. All cells are at least five pixels from the tile
/// lines, because steps at the lines are not detail. The result is the median of these ratios, because roughness
/// varies by orders of magnitude within a scene and only adjacent cells are comparable. Cells without any detail
/// and cells in which most values are missing are skipped. Each cell takes eight bytes.
struct DetailContrast: Sendable {
  private static let radius = 4
  private static let gap = 5
  private static let cell = 16

  /// An overlap and its two flanks along an axis, all of the same width.
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
  /// The accumulated cells of the current rows, by overlap and zone.
  private var columnCells: [[Variance]]
  /// The accumulated cells by overlap, zone, and position along the row; empty outside the rows of the overlap.
  private var rowCells: [[[Variance]]]
  /// The log ratios by overlap; overlaps of adjacent tile columns come first.
  private var logarithms: [[Float]]

  init(_ lines: TileLines) {
    columns = lines.columns.overlaps.compactMap { Zones($0, lines.columns) }
    rows = lines.rows.overlaps.compactMap { Zones($0, lines.rows) }
    width = lines.columns.extent
    columnCells = columns.map { _ in Array(repeating: Variance(), count: 3) }
    rowCells = rows.map { _ in [] }
    logarithms = (columns + rows).map { _ in [] }
  }

  /// Adds the next row; NaN is a missing value.
  mutating func add(_ row: [Float]) {
    guard !columns.isEmpty || !rows.isEmpty else { return }
    history.append(row)
    let center = history.count - 1 - Self.radius
    guard let detail = detail(at: center) else { return }
    for (index, zones) in columns.enumerated() {
      for (part, range) in zones.parts.enumerated() {
        for column in range { columnCells[index][part].add(detail[column]) }
      }
    }
    if center % Self.cell == Self.cell - 1 { closeColumnCells() }
    for (index, zones) in rows.enumerated() {
      for (part, range) in zones.parts.enumerated() where range.contains(center) {
        if rowCells[index].isEmpty {
          let cells = (width + Self.cell - 1) / Self.cell
          rowCells[index] = Array(
            repeating: Array(repeating: Variance(), count: cells), count: 3)
        }
        for column in 0..<width { rowCells[index][part][column / Self.cell].add(detail[column]) }
      }
      if zones.parts[2].upperBound == center + 1 { closeRowCells(index) }
    }
  }

  /// Completes the cells that the lower edge of the surface cuts.
  mutating func finish() {
    closeColumnCells()
    for index in rows.indices { closeRowCells(index) }
  }

  /// The variance of detail in overlaps relative to that next to them; nil if nothing can be compared.
  var ratio: Double? {
    let all = logarithms.flatMap { $0 }
    return all.isEmpty ? nil : exponential(Double(all.median()))
  }

  /// The relative standard error of the ratio, from the differences between overlaps; nil for fewer than three
  /// overlaps.
  ///
  /// For normally distributed values, the standard error of the median is 1.2533 times that of the mean.
  var relativeError: Double? {
    let medians = logarithms.filter { !$0.isEmpty }.map { Double($0.median()) }
    guard medians.count > 2 else { return nil }
    let count = Double(medians.count)
    let mean = medians.reduce(0, +) / count
    let squares = medians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return 1.2533 * (squares / (count - 1) / count).squareRoot()
  }

  /// Returns the row minus its local means, NaN where any of the 81 values is missing; nil if any of the rows is
  /// unavailable.
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

  /// Stores the log ratios of a cell in an overlap to the cells in its two flanks.
  private mutating func compare(_ cells: [Variance], of overlap: Int, pixels: Int) {
    let inside = cells[0]
    for flank in cells.dropFirst()
    where min(inside.count, flank.count) > pixels / 2 && inside.sum + flank.sum > 0 {
      let quotient = inside.sum / Double(inside.count) / (flank.sum / Double(flank.count))
      logarithms[overlap].append(Float(logarithm(quotient)))
    }
  }
}
