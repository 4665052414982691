/// The slope of a function at 0, measured by central differences, with an estimate of the measurement error.
///
/// The error of a difference with step h has two parts: one from the curvature of the function (proportional to h²,
/// or to h at kinks) and one from the rounding of its values (proportional to 1/h). Which part dominates at which
/// step depends on the function and the processor, so no fixed step and tolerance is always suitable. Here, the
/// step is halved repeatedly and both errors are measured: curvature by the range of three adjacent differences,
/// rounding by the variation of the differences with the smallest steps. After C. J. F. Ridders, "Accurate
/// computation of F′(x) and F′(x)F″(x)", Adv. Eng. Softw. 4, 1982, doi:10.1016/S0141-1195(82)80057-0, without his
/// extrapolation, which kinks would mislead.
public struct MeasuredSlope: CustomStringConvertible {
  /// The measured slope.
  public let value: Double
  /// The estimated error of the slope.
  public let error: Double

  /// Returns the steps of the differences: the largest, half of it, and so on.
  public static func steps(from largest: Double, count: Int = 8) -> [Double] {
    (0..<count).map { largest / Double(1 << $0) }
  }

  /// Creates a measurement from the differences (f(h) − f(−h)) / 2h for these steps; at least five.
  public init(_ differences: [Double], over steps: [Double]) {
    precondition(
      differences.count == steps.count && steps.count >= 5,
      "\(differences.count) differences do not match \(steps.count) steps; at least five are needed"
    )
    let changes = zip(differences, differences.dropFirst()).map { abs($0 - $1) }
    let rounding = zip(changes, steps.dropFirst()).suffix(3).map { $0 * $1 }.max()!
    let candidates = (1..<steps.count - 1).map { middle in
      let three = differences[middle - 1...middle + 1].sorted()
      return (value: three[1], error: 2 * (three[2] - three[0]) + 4 * rounding / steps[middle])
    }
    (value, error) = candidates.min { $0.error < $1.error }!
  }

  /// Measures the slope of a function at 0, with two evaluations per step.
  public init(
    from largest: Double, count: Int = 8, of function: (Double) throws -> Double
  ) rethrows {
    let steps = Self.steps(from: largest, count: count)
    self.init(try steps.map { (try function($0) - function(-$0)) / (2 * $0) }, over: steps)
  }

  /// Returns whether a slope computed in another way equals this one within the measurement error.
  public func agrees(with other: Double) -> Bool { abs(other - value) <= error }

  /// The slope and its error.
  public var description: String { "\(value) ± \(error)" }
}
