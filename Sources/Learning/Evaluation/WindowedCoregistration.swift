import Grids
import Surfaces

extension Coregistration {
  /// Pixels that are looked at; of a larger raster, evenly spread windows.
  private static let pixels = 1 << 22
  private static let side = 128
  /// Between windows, and more than heights are ever moved.
  private static let gap = 64

  /// Of two surfaces on one grid, of any size, in bounded memory.
  ///
  /// nil as of arrays.
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
    // One under the other, with voids between, across which nothing is compared.
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
