/// How far heights lie beside a reference, and above it, found by the slopes of the reference.
///
/// Where a surface is displaced, it differs from itself by the displacement times its slope: ours − reference
/// = up − columns · ∂z/∂column − rows · ∂z/∂row. The three are solved for, robustly, and ours is sampled anew at the
/// places where it then belongs, until nothing moves. C. Nuth and A. Kääb, The Cryosphere 5, 2011,
/// doi:10.5194/tc-5-271-2011, whose cosine of the aspect is the same plane seen through the slope's
/// direction; solved for all pixels at once instead of in bins of aspect, so that steep ones, which know more, count
/// more.
public struct Coregistration: Hashable, Sendable, Codable {
  /// How far ours lies to the right of the reference, in columns, and below it, in rows.
  public let columns: Double
  public let rows: Double
  /// How far ours lies above the reference, in its unit.
  public let up: Double
  /// Whether the last step moved less than a hundredth of a pixel.
  public let hasConverged: Bool

  private static let mostSteps = 50
  private static let leastMove = 0.01
  /// Three numbers are well known from this many pixels; more only cost time.
  private static let mostPixels = 1_000_000

  /// nil where fewer than a hundred pixels can be compared, or the land has no slopes in two directions.
  ///
  /// - Parameters:
  ///   - heights: [row, column] with so many columns, NaN where there is none.
  ///   - reference: The same, on the same grid.
  ///   - width: Columns.
  public init?(of heights: [Float], to reference: [Float], width: Int) {
    precondition(heights.count == reference.count, "\(heights.count) and \(reference.count) pixels")
    let height = width > 0 ? heights.count / width : 0
    guard width > 2, height > 2 else { return nil }
    let pixels = Self.pixels(reference, width: width, height: height)
    let ours = Bilinear(values: heights, width: width, height: height)
    var (columns, rows, up) = (0.0, 0.0, 0.0)
    var hasConverged = false
    for _ in 0..<Self.mostSteps where !hasConverged {
      let seen = pixels.compactMap { pixel -> Equation? in
        let value = ours.value(
          row: Double(pixel.row) + rows, column: Double(pixel.column) + columns)
        guard !value.isNaN else { return nil }
        return Equation(
          across: pixel.across, down: pixel.down, difference: value - pixel.height)
      }
      guard let step = Equation.solve(seen) else { return nil }
      columns -= step.across
      rows -= step.down
      up = step.up
      hasConverged = max(abs(step.across), abs(step.down)) < Self.leastMove
    }
    (self.columns, self.rows, self.up, self.hasConverged) = (columns, rows, up, hasConverged)
  }

  /// Heights at the places of the reference's pixels: moved back, and down.
  ///
  /// NaN where that is beyond the edge.
  public func apply(to heights: [Float], width: Int) -> [Float] {
    let height = heights.count / width
    let ours = Bilinear(values: heights, width: width, height: height)
    return heights.indices.map { i in
      let (row, column) = i.quotientAndRemainder(dividingBy: width)
      return Float(ours.value(row: Double(row) + rows, column: Double(column) + columns) - up)
    }
  }

  /// Evenly spread pixels of the reference with a slope.
  private static func pixels(_ z: [Float], width: Int, height: Int) -> [Pixel] {
    let step = max(1, Int((Double(z.count) / Double(mostPixels)).squareRoot().rounded(.up)))
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
    /// What the reference rises to the next column, and to the next row.
    let across: Double
    let down: Double
    let height: Double
  }
}

/// One pixel's share in a plane: difference = across · a + down · b + up.
private struct Equation {
  let across: Double
  let down: Double
  let difference: Double

  /// The plane, by reweighting with the bisquare; nil where it is not determined.
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

  /// Weighted least squares, about the weighted means.
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
    // Slopes of one direction alone say nothing of a move across them.
    guard determinant > 1e-9 * (pp + qq) * (pp + qq), determinant > 0 else { return nil }
    let a = (pd * qq - qd * pq) / determinant
    let b = (qd * pp - pd * pq) / determinant
    return (a, b, d - a * p - b * q)
  }
}
