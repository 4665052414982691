/// The horizontal and vertical displacement of heights relative to a reference, estimated from the reference's
/// slopes.
///
/// A displaced surface differs from the original by the displacement times the slope: heights − reference = up −
/// columns · ∂z/∂column − rows · ∂z/∂row. The three unknowns are solved for robustly, the heights are resampled at
/// the displaced positions, and both steps repeat until convergence. The method is that of C. Nuth and A. Kääb, The
/// Cryosphere 5, 2011, doi:10.5194/tc-5-271-2011. Their cosine of the aspect is the same plane, expressed in the
/// direction of the slope. Here, all pixels are solved for at once instead of in bins of aspect, so that steep
/// pixels, which carry more information, have more weight.
public struct Coregistration: Hashable, Sendable, Codable {
  /// The displacement to the right of the reference, in columns.
  public let columns: Double
  /// The displacement below the reference, in rows.
  public let rows: Double
  /// The vertical displacement above the reference, in its unit.
  public let up: Double
  /// Whether the last iteration moved the heights by less than a hundredth of a pixel.
  public let hasConverged: Bool

  private static let maximumIterations = 50
  private static let convergenceThreshold = 0.01
  /// The maximum number of pixels used: three parameters are well determined, and more pixels only cost time.
  private static let maximumPixels = 1_000_000

  /// Estimates the displacement; nil if fewer than 100 pixels can be compared or the terrain does not slope in two
  /// directions.
  ///
  /// - Parameters:
  ///   - heights: The heights to register, `[row, column]`; NaN is a missing value.
  ///   - reference: The reference heights on the same grid, `[row, column]`.
  ///   - width: The number of columns.
  public init?(of heights: [Float], to reference: [Float], width: Int) {
    precondition(
      heights.count == reference.count,
      "the rasters have \(heights.count) and \(reference.count) pixels")
    let height = width > 0 ? heights.count / width : 0
    guard width > 2, height > 2 else { return nil }
    let pixels = Self.pixels(reference, width: width, height: height)
    let ours = Bilinear(values: heights, width: width, height: height)
    var (columns, rows, up) = (0.0, 0.0, 0.0)
    var hasConverged = false
    for _ in 0..<Self.maximumIterations where !hasConverged {
      let equations = pixels.compactMap { pixel -> Equation? in
        let value = ours.value(
          row: Double(pixel.row) + rows, column: Double(pixel.column) + columns)
        guard !value.isNaN else { return nil }
        return Equation(
          across: pixel.across, down: pixel.down, difference: value - pixel.height)
      }
      guard let step = Equation.solve(equations) else { return nil }
      columns -= step.across
      rows -= step.down
      up = step.up
      hasConverged = max(abs(step.across), abs(step.down)) < Self.convergenceThreshold
    }
    (self.columns, self.rows, self.up, self.hasConverged) = (columns, rows, up, hasConverged)
  }

  /// Returns the heights at the positions of the reference's pixels, with the displacement removed.
  ///
  /// NaN where the position is beyond the edge.
  public func apply(to heights: [Float], width: Int) -> [Float] {
    let height = heights.count / width
    let ours = Bilinear(values: heights, width: width, height: height)
    return heights.indices.map { i in
      let (row, column) = i.quotientAndRemainder(dividingBy: width)
      return Float(ours.value(row: Double(row) + rows, column: Double(column) + columns) - up)
    }
  }

  /// Returns evenly spaced pixels of the reference that have a slope.
  private static func pixels(_ z: [Float], width: Int, height: Int) -> [Pixel] {
    let step = max(1, Int((Double(z.count) / Double(maximumPixels)).squareRoot().rounded(.up)))
    var pixels: [Pixel] = []
    for row in Swift.stride(from: 1, to: height - 1, by: step) {
      for column in Swift.stride(from: 1, to: width - 1, by: step) {
        let i = row * width + column
        let across = Double(z[i + 1] - z[i - 1]) / 2
        let down = Double(z[i + width] - z[i - width]) / 2
        guard !across.isNaN, !down.isNaN, !z[i].isNaN else { continue }
        pixels.append(
          Pixel(row: row, column: column, across: across, down: down, height: Double(z[i])))
      }
    }
    return pixels
  }

  private struct Pixel {
    let row: Int
    let column: Int
    /// The rise of the reference per column (`across`) and per row (`down`).
    let across: Double
    let down: Double
    let height: Double
  }
}

/// The equation of one pixel: difference = across · a + down · b + up.
private struct Equation {
  let across: Double
  let down: Double
  let difference: Double

  /// Solves for the plane by iterative reweighting with the bisquare; nil if it is underdetermined.
  static func solve(_ equations: [Equation]) -> (across: Double, down: Double, up: Double)? {
    guard equations.count >= 100 else { return nil }
    var solution = (across: 0.0, down: 0.0, up: equations.map(\.difference).median())
    for _ in 0..<10 {
      let residuals = equations.map {
        $0.difference - solution.across * $0.across - solution.down * $0.down - solution.up
      }
      let spread = 1.4826 * residuals.map(abs).median()
      let weights = residuals.map { spread > 0 ? Bisquare.weight($0, deviation: spread) : 1 }
      guard let next = solve(equations, weights) else { return nil }
      let move = abs(next.across - solution.across) + abs(next.down - solution.down)
      solution = next
      if move < 1e-4 { break }
    }
    return solution
  }

  /// Solves the weighted least-squares problem about the weighted means.
  private static func solve(
    _ equations: [Equation], _ weights: [Double]
  ) -> (across: Double, down: Double, up: Double)? {
    let total = weights.reduce(0, +)
    func mean(_ value: (Equation) -> Double) -> Double {
      zip(equations, weights).reduce(0) { $0 + $1.1 * value($1.0) } / total
    }
    let (p, q, d) = (mean(\.across), mean(\.down), mean(\.difference))
    let pp = mean { ($0.across - p) * ($0.across - p) }
    let qq = mean { ($0.down - q) * ($0.down - q) }
    let pq = mean { ($0.across - p) * ($0.down - q) }
    let pd = mean { ($0.across - p) * ($0.difference - d) }
    let qd = mean { ($0.down - q) * ($0.difference - d) }
    let determinant = pp * qq - pq * pq
    // If all slopes have the same direction, a displacement perpendicular to it is undetermined.
    guard determinant > 1e-9 * (pp + qq) * (pp + qq), determinant > 0 else { return nil }
    let a = (pd * qq - qd * pq) / determinant
    let b = (qd * pp - pd * pq) / determinant
    return (a, b, d - a * p - b * q)
  }
}
