import Grids
import Rasters

/// The data collected while a scene is read once: samples for the radiometry, the content digest, and the valid pixels.
struct SceneSurvey {
  /// The sampling step: every `step`-th row and column is sampled.
  let step: Int
  private let grid: Grid
  private let saturated: [Float?]
  /// The samples of each band, pixel by pixel; NaN where a valid pixel has no sample in that band.
  private(set) var samples: [[Float]]
  /// Whether each sampled pixel lies in the outermost sampled rows or columns.
  private(set) var isOnEdge: [Bool] = []
  /// The number of sampled positions in the outermost rows and columns, valid or not.
  let edgeCount: Int
  private(set) var digest = SceneContent.Digest()
  private(set) var validity: ValidityMap

  /// The maximum number of pixels sampled for the radiometry; two million determine a percentile well enough.
  private static let maximumSamples = 1 << 21

  /// Creates an empty survey.
  ///
  /// - Parameters:
  ///   - grid: The scene's grid.
  ///   - saturated: The value of a saturated sample for each selected band, if it has one.
  init(of grid: Grid, saturated: [Float?]) {
    var step = 1
    let count = { (extent: Int, step: Int) in (extent + step - 1) / step }
    while count(grid.width, step) * count(grid.height, step) > Self.maximumSamples { step += 1 }
    self.grid = grid
    self.step = step
    self.saturated = saturated
    samples = Array(repeating: [], count: saturated.count)
    validity = ValidityMap(of: grid)
    let (columns, rows) = (count(grid.width, step), count(grid.height, step))
    edgeCount = columns * rows - max(0, columns - 2) * max(0, rows - 2)
  }

  /// Adds the pixels of a window whose edges are those of cells or of the scene.
  mutating func add(_ pixels: Pixels, at window: Window) {
    guard pixels.isValid.contains(true) else { return }
    let side = SceneContent.cell
    for top in stride(from: 0, to: window.height, by: side) {
      for left in stride(from: 0, to: window.width, by: side) {
        let columns = left..<min(left + side, window.width)
        let starts = (top..<min(top + side, window.height)).map { $0 * window.width }
        let cell = (row: (window.row + top) / side, column: (window.column + left) / side)
        let hasPixels = validity.set(
          row: cell.row, column: cell.column,
          starts.lazy.map { pixels.isValid[$0 + columns.lowerBound..<$0 + columns.upperBound] })
        if !hasPixels { continue }
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

  /// Marks the cells of a window with unreadable parts; its other pixels are added separately.
  mutating func addDamaged(_ parts: [Window], of window: Window) {
    validity.addDamaged(parts, of: window)
    let side = SceneContent.cell
    for row in window.row / side...(window.rows.upperBound - 1) / side {
      for column in window.column / side...(window.columns.upperBound - 1) / side {
        digest.addDamaged(row: row, column: column)
      }
    }
  }

  /// Returns windows that cover the scene row by row and match the file's blocks approximately.
  ///
  /// They consist of whole cells, at least 512 pixels wide and high where the scene is, and have at most four million
  /// pixels.
  static func windows(of grid: Grid, blockWidth: Int, blockHeight: Int) -> [[Window]] {
    let side = SceneContent.cell
    let fitted = { (block: Int) in max(512, (block + side - 1) / side * side) }
    let width = min(fitted(min(blockWidth, grid.width)), maximumPixels / side)
    let height = min(
      fitted(min(blockHeight, grid.height)), max(side, maximumPixels / width / side * side))
    return stride(from: 0, to: grid.height, by: height).map { row in
      stride(from: 0, to: grid.width, by: width).map { column in
        Window(column: column, row: row, width: width, height: height).intersection(grid.window)
      }
    }
  }

  /// The maximum number of pixels of a window.
  private static let maximumPixels = 1 << 22
}
