public import Grids

extension Resampling {
  /// Returns the surface with its gaps (NaN) filled smoothly from the surrounding values; all zeros if there are no
  /// values.
  ///
  /// Gaps are filled from the surface at half the resolution, which is filled in the same way (pull–push; Gortler
  /// et al., "The Lumigraph", SIGGRAPH 1996, §3.3). The time is linear in the number of pixels, for gaps of any
  /// size. Existing values are unchanged.
  ///
  /// - Parameters:
  ///   - values: The surface, `[row, column]`.
  ///   - grid: The number of rows and columns.
  /// - Returns: The filled surface, `[row, column]`, without NaN.
  public static func filled(_ values: [Float], on grid: Grid) -> [Float] {
    precondition(values.count == grid.width * grid.height, "values do not fill their grid")
    guard values.contains(where: \.isNaN) else { return values }
    guard grid.width > 1 || grid.height > 1 else { return [0] }
    let half = Grid(width: (grid.width + 1) / 2, height: (grid.height + 1) / 2)
    let pulled = Resampling(from: grid, to: half).apply(values, to: half.window)
    let pushed = Resampling(from: half, to: grid).apply(filled(pulled, on: half), to: grid.window)
    return zip(values, pushed).map { $0.isNaN ? $1 : $0 }
  }
}
