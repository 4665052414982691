public import Grids

/// Divides an area into cells and reduces surfaces to one median per cell.
///
/// Two surfaces over the same area are compared cell by cell. A median removes features of single pixels, and a few
/// hundred cells determine a scale and an offset as well as all pixels do.
public struct CellGrid: Hashable, Sendable {
  /// The divided area, in pixels of some grid.
  public let window: Window
  /// The number of cells along each row.
  public let columns: Int
  /// The number of cells along each column.
  public let rows: Int

  private static let maximumCells = 256
  /// The number of samples along each side of a cell; the median is over all samples in this square.
  private static let samples = 4

  /// Divides a window into at most 256 approximately square cells.
  ///
  /// - Parameters:
  ///   - window: The area to divide; not empty.
  ///   - minimumSide: The minimum side of a cell, in pixels; below 4, samples would repeat pixels.
  public init(over window: Window, minimumSide: Double = 4) {
    precondition(!window.isEmpty, "an empty window cannot be divided into cells")
    let side = max(
      minimumSide, (Double(window.pixelCount) / Double(Self.maximumCells)).squareRoot().rounded(.up)
    )
    self.window = window
    columns = max(1, Int(Double(window.width) / side))
    rows = max(1, Int(Double(window.height) / side))
  }

  /// Returns the median of 16 evenly spaced samples in each cell; NaN where fewer than half have a value.
  ///
  /// - Parameters:
  ///   - values: A surface, `[row, column]`; NaN is a missing value.
  ///   - place: The window of the surface, in pixels of its own grid; it contains all cells.
  ///   - pixel: The size of one pixel of the surface, in columns and rows of the cells' grid.
  /// - Returns: One median per cell, `[row, column]`.
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

  /// Returns the positions of all cells' samples along one axis, relative to the start of the surface's window.
  private static func positions(
    _ area: Range<Int>, cells: Int, pixel: Double, inside place: Range<Int>
  ) -> [Int] {
    let step = Double(area.count) / Double(cells * samples)
    return (0..<cells * samples).map { sample in
      let position = (Double(area.lowerBound) + (Double(sample) + 0.5) * step) / pixel
      return min(max(Int(position.rounded(.down)), place.lowerBound), place.upperBound - 1)
        - place.lowerBound
    }
  }
}
