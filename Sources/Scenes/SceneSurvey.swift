import Grids
import Rasters

/// What is found out about a scene while all of it is read once: samples for the radiometry, content, valid cells.
struct SceneSurvey {
  /// Every k-th row and column gives samples.
  let step: Int
  private let grid: Grid
  private let saturated: [Float?]
  /// Of each band, pixel by pixel; NaN where a valid pixel has no sample in that band.
  private(set) var samples: [[Float]]
  /// Whether the sampled pixels lie in the outermost sampled rows and columns.
  private(set) var isOnEdge: [Bool] = []
  /// Sampled places in the outermost rows and columns, valid or not.
  let edgeCount: Int
  private(set) var digest = SceneContent.Digest()
  private(set) var validCells: ValidCells

  /// The most pixels on which the radiometry is measured; a percentile of two million is known well enough.
  private static let mostSamples = 1 << 21

  /// - Parameters:
  ///   - grid: Of the scene.
  ///   - saturated: For each selected band the value of a saturated sample, if it has one.
  init(of grid: Grid, saturated: [Float?]) {
    var step = 1
    let count = { (extent: Int, step: Int) in (extent + step - 1) / step }
    while count(grid.width, step) * count(grid.height, step) > Self.mostSamples { step += 1 }
    self.grid = grid
    self.step = step
    self.saturated = saturated
    samples = Array(repeating: [], count: saturated.count)
    validCells = ValidCells(of: grid)
    let (columns, rows) = (count(grid.width, step), count(grid.height, step))
    edgeCount = columns * rows - max(0, columns - 2) * max(0, rows - 2)
  }

  /// Takes the pixels of a window whose edges are cells' or the scene's.
  mutating func add(_ pixels: Pixels, at window: Window) {
    guard pixels.isValid.contains(true) else { return }
    let side = SceneContent.cell
    for top in stride(from: 0, to: window.height, by: side) {
      for left in stride(from: 0, to: window.width, by: side) {
        let columns = left..<min(left + side, window.width)
        let starts = (top..<min(top + side, window.height)).map { $0 * window.width }
        let isEmpty = !starts.contains { start in
          pixels.isValid[start + columns.lowerBound..<start + columns.upperBound].contains(true)
        }
        if isEmpty { continue }
        let cell = (row: (window.row + top) / side, column: (window.column + left) / side)
        validCells.occupy(row: cell.row, column: cell.column)
        digest.add(
          row: cell.row, column: cell.column,
          starts.lazy.map { start in
            pixels.values[
              (start + columns.lowerBound) * pixels.channels..<(start + columns.upperBound)
                * pixels.channels]
          })
      }
    }
    sample(pixels, at: window)
  }

  private mutating func sample(_ pixels: Pixels, at window: Window) {
    let step = step
    let first = { (position: Int) in (position + step - 1) / step * step - position }
    let (lastRow, lastColumn) = ((grid.height - 1) / step * step, (grid.width - 1) / step * step)
    for row in stride(from: first(window.row), to: window.height, by: step) {
      for column in stride(from: first(window.column), to: window.width, by: step) {
        let pixel = row * window.width + column
        guard pixels.isValid[pixel] else { continue }
        for band in samples.indices {
          let value = pixels.values[pixel * samples.count + band]
          samples[band].append(value == saturated[band] ? .nan : value)
        }
        let place = (row: window.row + row, column: window.column + column)
        isOnEdge.append(
          place.row == 0 || place.column == 0 || place.row == lastRow || place.column == lastColumn)
      }
    }
  }

  /// Notes that a part of a window cannot be read; the rest is added besides.
  mutating func addDamaged(_ window: Window) {
    let side = SceneContent.cell
    for row in window.row / side...(window.rows.upperBound - 1) / side {
      for column in window.column / side...(window.columns.upperBound - 1) / side {
        validCells.occupy(row: row, column: column)
        digest.addDamaged(row: row, column: column)
      }
    }
  }

  /// Windows that together cover the scene, row by row, each about as the file is packed: of whole cells, some hundred
  /// pixels wide and high, of four million pixels at most.
  static func windows(of grid: Grid, blockWidth: Int, blockHeight: Int) -> [[Window]] {
    let side = SceneContent.cell
    let fitted = { (block: Int) in max(512, (block + side - 1) / side * side) }
    let width = min(fitted(min(blockWidth, grid.width)), mostPixels / side)
    let height = min(
      fitted(min(blockHeight, grid.height)), max(side, mostPixels / width / side * side))
    return stride(from: 0, to: grid.height, by: height).map { row in
      stride(from: 0, to: grid.width, by: width).map { column in
        Window(column: column, row: row, width: width, height: height).intersection(grid.window)
      }
    }
  }

  private static let mostPixels = 1 << 22
}
