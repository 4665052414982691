public import Grids

/// A part of the ground cut into cells, in each of which a surface is taken for its median.
///
/// What two surfaces show of the same ground is compared cell by cell: a median drops what pixels show alone, and a
/// few hundred cells say as much of a scale and a shift as all pixels do.
public struct CellGrid: Hashable, Sendable {
  /// The ground, in pixels of some lattice.
  public let window: Window
  public let columns: Int
  public let rows: Int

  private static let mostCells = 256
  /// Samples along each side of a cell; its median is that of their square.
  private static let samples = 4

  /// Cuts a window into up to 256 cells that are about square.
  ///
  /// - Parameters:
  ///   - window: Not empty.
  ///   - leastSide: Of a cell, in pixels; below 4, samples would repeat pixels.
  public init(over window: Window, leastSide: Double = 4) {
    precondition(!window.isEmpty, "no ground has no cells")
    let side = max(
      leastSide, (Double(window.pixelCount) / Double(Self.mostCells)).squareRoot().rounded(.up))
    self.window = window
    columns = max(1, Int(Double(window.width) / side))
    rows = max(1, Int(Double(window.height) / side))
  }

  /// The median of 16 evenly spread samples in each cell as [row, column], NaN where fewer than half have a value.
  ///
  /// - Parameters:
  ///   - values: A surface as [row, column], NaN where it has no value.
  ///   - place: Its window, in pixels of its own lattice; it covers the cells.
  ///   - pixel: Columns and rows of the cells' lattice that one pixel of the surface spans.
  /// - Returns: Row by row of cells.
  public func medians(
    of values: [Float], in place: Window, pixel: (columns: Double, rows: Double) = (1, 1)
  ) -> [Float] {
    precondition(values.count == place.pixelCount, "values do not fill their window")
    let sampleColumns = Self.positions(
      window.columns, cells: columns, pixel: pixel.columns, inside: place.columns)
    let sampleRows = Self.positions(
      window.rows, cells: rows, pixel: pixel.rows, inside: place.rows)
    var medians: [Float] = []
    medians.reserveCapacity(rows * columns)
    var found: [Float] = []
    for row in 0..<rows {
      for column in 0..<columns {
        found.removeAll(keepingCapacity: true)
        for y in sampleRows[row * Self.samples..<(row + 1) * Self.samples] {
          for x in sampleColumns[column * Self.samples..<(column + 1) * Self.samples] {
            let value = values[y * place.width + x]
            if !value.isNaN { found.append(value) }
          }
        }
        let isKnown = 2 * found.count >= Self.samples * Self.samples
        medians.append(isKnown ? found.median() : .nan)
      }
    }
    return medians
  }

  /// Where along one axis the samples of all cells lie in a surface, counted from its window's start.
  private static func positions(
    _ ground: Range<Int>, cells: Int, pixel: Double, inside place: Range<Int>
  ) -> [Int] {
    let step = Double(ground.count) / Double(cells * samples)
    return (0..<cells * samples).map { sample in
      let position = (Double(ground.lowerBound) + (Double(sample) + 0.5) * step) / pixel
      return min(max(Int(position.rounded(.down)), place.lowerBound), place.upperBound - 1)
        - place.lowerBound
    }
  }
}
