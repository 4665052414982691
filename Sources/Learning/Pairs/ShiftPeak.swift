/// The highest place of a surface of correlations over shifts, to a fraction of a pixel.
///
/// The surface around the highest pixel is taken for a quadratic, fitted to the nine by least squares; the 25 must agree.
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
    let near = Self.top(of: surface, down: wholeDown, right: wholeRight, reach: 1)
    right = Double(wholeRight) + (near?.right ?? 0)
    down = Double(wholeDown) + (near?.down ?? 0)
    // Steps between whole heights make peaks of one pixel, whose flanks say little; a hill has one top however wide the look.
    let isInside = max(abs(wholeDown), abs(wholeRight)) + 2 <= surface.radius
    let wide = isInside ? Self.top(of: surface, down: wholeDown, right: wholeRight, reach: 2) : near
    guard let near, let wide else {
      isHill = false
      return
    }
    isHill =
      max(abs(near.right), abs(near.down)) < 1
      && max(abs(near.right - wide.right), abs(near.down - wide.down)) < Self.agreement
  }

  /// Of the tops seen by nine and by 25 shifts, in pixels.
  private static let agreement = 0.25

  /// The top of the quadratic fitted to the shifts around one, counted from there; nil where it has none.
  ///
  /// Further than to the next pixel it can't know.
  private static func top(
    of surface: Surface, down: Int, right: Int, reach: Int
  ) -> (right: Double, down: Double)? {
    let steps = -reach...reach
    let side = Double(2 * reach + 1)
    // Σ step² and its mean over a line, and Σ (step² − mean)².
    let squares = steps.reduce(0.0) { $0 + Double($1 * $1) }
    let mean = squares / side
    let bends = steps.reduce(0.0) { $0 + (Double($1 * $1) - mean) * (Double($1 * $1) - mean) }
    var (x, y, xx, yy, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for row in steps {
      for column in steps {
        let value = surface[down + row, right + column]
        let (c, r) = (Double(column), Double(row))
        x += c * value / (side * squares)
        y += r * value / (side * squares)
        xx += (c * c - mean) * value / (side * bends)
        yy += (r * r - mean) * value / (side * bends)
        xy += c * r * value / (squares * squares)
      }
    }
    let determinant = 4 * xx * yy - xy * xy
    guard xx < 0, yy < 0, determinant > 0 else { return nil }
    let across = (xy * y - 2 * yy * x) / determinant
    let along = (xy * x - 2 * xx * y) / determinant
    return (min(max(across, -1), 1), min(max(along, -1), 1))
  }
}
