/// The peak of a correlation surface over shifts, at subpixel resolution.
///
/// A quadratic is fitted by least squares to the 3 × 3 shifts around the highest one; a 5 × 5 fit must agree.
package struct ShiftPeak: Hashable, Sendable {
  /// Correlations for each shift, `[row, column]` from −radius to radius.
  package struct Surface: Hashable, Sendable {
    package let radius: Int
    package let values: [Double]

    package init(radius: Int, values: [Double]) { (self.radius, self.values) = (radius, values) }

    subscript(down: Int, right: Int) -> Double {
      values[(down + radius) * (2 * radius + 1) + right + radius]
    }
  }

  /// The peak's column shift, in pixels to the right.
  package let right: Double
  /// The peak's row shift, in pixels down.
  package let down: Double
  /// The column of the best whole-pixel shift.
  package let wholeRight: Int
  /// The row of the best whole-pixel shift.
  package let wholeDown: Int
  /// The correlation at the best whole-pixel shift.
  package let correlation: Double
  /// Whether the best shift is at the edge of the search range, so that the peak may be outside it.
  package let isAtSearchEdge: Bool
  /// Whether the surface has a well-defined peak less than a pixel from the best whole-pixel shift.
  package let isWellDefined: Bool

  package init(of surface: Surface) {
    let side = 2 * surface.radius + 1
    let best = surface.values.indices.max { surface.values[$0] < surface.values[$1] } ?? 0
    wholeDown = best / side - surface.radius
    wholeRight = best % side - surface.radius
    correlation = surface.values[best]
    isAtSearchEdge = max(abs(wholeDown), abs(wholeRight)) == surface.radius
    guard !isAtSearchEdge else {
      (right, down, isWellDefined) = (Double(wholeRight), Double(wholeDown), false)
      return
    }
    let near = Self.top(of: surface, down: wholeDown, right: wholeRight, reach: 1)
    right = Double(wholeRight) + (near?.right ?? 0)
    down = Double(wholeDown) + (near?.down ?? 0)
    // Heights in whole steps create peaks one pixel wide, with uninformative flanks; a real peak agrees at both scales.
    let isInside = max(abs(wholeDown), abs(wholeRight)) + 2 <= surface.radius
    let wide = isInside ? Self.top(of: surface, down: wholeDown, right: wholeRight, reach: 2) : near
    guard let near, let wide else {
      isWellDefined = false
      return
    }
    isWellDefined =
      max(abs(near.right), abs(near.down)) < 1
      && max(abs(near.right - wide.right), abs(near.down - wide.down)) < Self.agreement
  }

  /// The largest difference between the peaks of the 3 × 3 and the 5 × 5 fit, in pixels.
  private static let agreement = 0.25

  /// Returns the peak of a quadratic fitted around a shift, relative to that shift; nil if it has no maximum.
  ///
  /// The result is clamped to ±1 pixel: the fit cannot extrapolate further.
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
