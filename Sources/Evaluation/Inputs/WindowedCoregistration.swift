import Grids
import Surfaces

extension Coregistration {
  /// The maximum number of pixels to use; larger rasters are sampled with evenly spaced windows.
  private static let pixels = 1 << 22
  private static let side = 128
  /// The gap between windows, larger than any offset that is estimated.
  private static let gap = 64

  /// Coregisters two surfaces on one grid, of any size, in bounded memory.
  ///
  /// Returns nil under the same conditions as the initializer for arrays.
  init?(
    of heights: any HeightSurface, to reference: any HeightSurface, on grid: Grid
  ) throws {
    guard grid.pixelCount > Self.pixels else {
      let whole = grid.window
      self.init(
        of: try heights.heights(in: whole), to: try reference.heights(in: whole),
        width: grid.width)
      return
    }
    let side = min(Self.side, grid.width, grid.height)
    let perAxis = Int(Double(Self.pixels / (side * side)).squareRoot())
    var (ours, theirs): ([Float], [Float]) = ([], [])
    // Windows are stacked vertically with voids between them, so that nothing is compared across windows.
    let void = [Float](repeating: .nan, count: Self.gap * side)
    for y in 0..<perAxis {
      for x in 0..<perAxis {
        try Task.checkCancellation()
        let window = Window(
          column: (grid.width - side) * x / max(perAxis - 1, 1),
          row: (grid.height - side) * y / max(perAxis - 1, 1), width: side, height: side)
        ours += try heights.heights(in: window) + void
        theirs += try reference.heights(in: window) + void
      }
    }
    self.init(of: ours, to: theirs, width: side)
  }
}
