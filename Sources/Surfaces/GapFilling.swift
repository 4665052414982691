public import Grids

extension Resampling {
  /// The surface with its gaps (NaN) closed smoothly from what lies around them; without any value, all zeros.
  ///
  /// A gap takes its values from the surface at half the resolution, in which gaps are closed the same way: linear
  /// in the number of pixels, however large the gaps. Values that are there are not touched. (The pull–push of
  /// Gortler et al., "The Lumigraph", SIGGRAPH 1996, §3.3.)
  ///
  /// - Parameters:
  ///   - values: As [row, column].
  ///   - grid: Their number of rows and columns.
  /// - Returns: As [row, column], without NaN.
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
