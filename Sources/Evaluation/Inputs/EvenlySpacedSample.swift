import Grids

/// Values of several surfaces at the same evenly spaced pixels, for fits.
struct EvenlySpacedSample {
  /// The columns of the pixels.
  private(set) var columns: [Double] = []
  /// The rows of the pixels.
  private(set) var rows: [Double] = []
  /// `[surface][pixel]`; NaN where there is no value.
  private(set) var values: [[Float]]

  /// Samples each surface with one read, row by row.
  init(of surfaces: [any HeightSurface], on grid: Grid, atMost limit: Int = 1 << 20) throws {
    values = surfaces.map { _ in [] }
    let step = BlockPass.step(grid.pixelCount, atMost: limit)
    for row in stride(from: step / 2, to: grid.height, by: step) {
      try Task.checkCancellation()
      let line = Window(column: 0, row: row, width: grid.width, height: 1)
      let taken = stride(from: step / 2, to: grid.width, by: step)
      for (surface, source) in surfaces.enumerated() {
        let heights = try source.heights(in: line)
        for column in taken { values[surface].append(heights[column]) }
      }
      for column in taken {
        columns.append(Double(column))
        rows.append(Double(row))
      }
    }
  }

  /// The sample with every pixel voided at which any surface is void.
  var shared: EvenlySpacedSample {
    var result = self
    for pixel in columns.indices where values.contains(where: { $0[pixel].isNaN }) {
      for surface in values.indices { result.values[surface][pixel] = .nan }
    }
    return result
  }

  /// Returns the mean of a surface; nil if it has no value.
  func mean(_ surface: Int) -> Double? {
    let known = values[surface].filter { !$0.isNaN }
    return known.isEmpty ? nil : known.reduce(0.0) { $0 + Double($1) } / Double(known.count)
  }

  /// Returns the least-squares plane of a surface; a level one if its pixels are collinear, nil if it has no value.
  func plane(_ surface: Int) -> PlaneSurface? {
    let known = values[surface].indices.filter { !values[surface][$0].isNaN }
    guard !known.isEmpty else { return nil }
    let count = Double(known.count)
    func mean(_ value: (Int) -> Double) -> Double {
      known.reduce(0) { $0 + value($1) } / count
    }
    let (x, y) = (mean { columns[$0] }, mean { rows[$0] })
    let z = mean { Double(values[surface][$0]) }
    let xx = mean { (columns[$0] - x) * (columns[$0] - x) }
    let yy = mean { (rows[$0] - y) * (rows[$0] - y) }
    let xy = mean { (columns[$0] - x) * (rows[$0] - y) }
    let xz = mean { (columns[$0] - x) * (Double(values[surface][$0]) - z) }
    let yz = mean { (rows[$0] - y) * (Double(values[surface][$0]) - z) }
    let determinant = xx * yy - xy * xy
    guard determinant > 1e-9 * (xx + yy) * (xx + yy) else { return PlaneSurface(level: z) }
    let a = (xz * yy - yz * xy) / determinant
    let b = (yz * xx - xz * xy) / determinant
    return PlaneSurface(level: z - a * x - b * y, columns: a, rows: b)
  }
}
