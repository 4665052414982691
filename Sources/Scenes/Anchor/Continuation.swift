import Grids

extension [Float] {
  /// Returns heights that are continued with their slope for some cells into gaps (NaN), so that a spline does not swing
  /// where they end: what lies eight cells away changes it by less than a thousandth.
  func continued(on cells: Grid) -> [Float] {
    guard contains(where: \.isNaN) else { return self }
    var result = self
    for _ in 0..<8 {
      let known = result
      for place in indices where known[place].isNaN {
        let (row, column) = place.quotientAndRemainder(dividingBy: cells.width)
        var (sum, count) = (Float(0), Float(0))
        for (down, right) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
          guard (0..<cells.height).contains(row + 2 * down),
            (0..<cells.width).contains(column + 2 * right)
          else { continue }
          let step = down * cells.width + right
          let height = 2 * known[place + step] - known[place + 2 * step]
          guard !height.isNaN else { continue }
          (sum, count) = (sum + height, count + 1)
        }
        if count > 0 { result[place] = sum / count }
      }
    }
    return result
  }
}
