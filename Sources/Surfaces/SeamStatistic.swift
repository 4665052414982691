public import Grids

/// How much steeper the surface is across the lines where tiles begin and end than elsewhere.
///
/// A seam that blending leaves shows as a step between the two pixels on either side of a tile's edge. The
/// statistic is the mean absolute step between neighbours across those lines over the mean absolute step
/// everywhere else; 1 means that the tiling cannot be seen in it. Rows are added from top to bottom, so a
/// scene of any size takes two rows of memory.
public struct SeamStatistic: Sendable {
  private let isColumnLine: [Bool]
  private let rowLines: Set<Int>
  private let left: Int
  private var previous: [Float] = []
  private var row: Int
  private var onLines = Mean()
  private var offLines = Mean()

  private struct Mean {
    var sum = 0.0
    var count = 0
    var value: Double? { count > 0 ? sum / Double(count) : nil }

    mutating func add(_ step: Float) {
      guard !step.isNaN else { return }
      sum += Double(abs(step))
      count += 1
    }
  }

  /// Begins at the upper edge of `window`, the part of the scene whose rows will be added.
  public init(_ tiles: TileGrid, over window: Window) {
    let columns = Self.lines(
      tiles.columns, size: tiles.tileWidth, stride: tiles.columnStride, margin: tiles.columnMargin)
    isColumnLine = window.columns.map(columns.contains)
    rowLines = Self.lines(
      tiles.rows, size: tiles.tileHeight, stride: tiles.rowStride, margin: tiles.rowMargin)
    left = window.column
    row = window.row
  }

  /// The first pixels after each line: where a later tile begins, and where an earlier one has ended.
  private static func lines(_ count: Int, size: Int, stride: Int, margin: Int) -> Set<Int> {
    Set((1..<max(count, 1)).flatMap { [$0 * stride - margin, ($0 - 1) * stride + size - margin] })
  }

  /// Adds the next rows of the surface as [row, column], NaN where there is no value.
  public mutating func add(rows values: [Float]) {
    let width = isColumnLine.count
    precondition(values.count % width == 0, "whole rows are added")
    for start in stride(from: 0, to: values.count, by: width) {
      let current = Array(values[start..<start + width])
      for column in 1..<max(width, 1) {
        let step = current[column] - current[column - 1]
        isColumnLine[column] ? onLines.add(step) : offLines.add(step)
      }
      if !previous.isEmpty {
        for column in 0..<width {
          let step = current[column] - previous[column]
          rowLines.contains(row) ? onLines.add(step) : offLines.add(step)
        }
      }
      previous = current
      row += 1
    }
  }

  /// Mean step along tile lines over that off the lines; nil without a line, or on a flat surface.
  public var ratio: Double? {
    guard let on = onLines.value, let off = offLines.value, off > 0 else { return nil }
    return on / off
  }
}
