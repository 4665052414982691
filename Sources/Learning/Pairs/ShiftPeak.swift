/// The highest place of a surface of correlations over shifts, to a fraction of a pixel.
///
/// The surface around the highest pixel is taken for a quadratic, fitted to the nine by least squares.
struct ShiftPeak: Hashable, Sendable {
  /// Correlations over shifts, `[row, column]` from −radius to radius.
  struct Surface: Hashable, Sendable {
    let radius: Int
    let values: [Double]

    subscript(down: Int, right: Int) -> Double {
      values[(down + radius) * (2 * radius + 1) + right + radius]
    }
  }

  let right: Double
  let down: Double
  /// The highest of the whole shifts, and what is there.
  let wholeRight: Int
  let wholeDown: Int
  let correlation: Double
  /// Whether it may lie beyond the shifts that were tried.
  let isAtRim: Bool
  /// Whether the surface around it is that of a hill, whose top is nearer than the next pixel.
  let isHill: Bool

  init(of surface: Surface) {
    let side = 2 * surface.radius + 1
    let best = surface.values.indices.max { surface.values[$0] < surface.values[$1] } ?? 0
    wholeDown = best / side - surface.radius
    wholeRight = best % side - surface.radius
    correlation = surface.values[best]
    isAtRim = max(abs(wholeDown), abs(wholeRight)) == surface.radius
    guard !isAtRim else {
      (right, down, isHill) = (Double(wholeRight), Double(wholeDown), false)
      return
    }
    var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for row in -1...1 {
      for column in -1...1 {
        let value = surface[wholeDown + row, wholeRight + column]
        let (c, r) = (Double(column), Double(row))
        x += c * value / 6
        y += r * value / 6
        xx += (c * c - 2.0 / 3) * value / 2
        yy += (r * r - 2.0 / 3) * value / 2
        xy += c * r * value / 4
      }
    }
    let determinant = 4 * xx * yy - xy * xy
    guard xx < 0, yy < 0, determinant > 0 else {
      (right, down, isHill) = (Double(wholeRight), Double(wholeDown), false)
      return
    }
    let across = (xy * y - 2 * yy * x) / determinant
    let along = (xy * x - 2 * xx * y) / determinant
    isHill = max(abs(across), abs(along)) < 1
    right = Double(wholeRight) + min(max(across, -1), 1)
    down = Double(wholeDown) + min(max(along, -1), 1)
  }
}
