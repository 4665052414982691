/// The slope of a function at 0, measured by central differences, and how far the measurement can be trusted.
///
/// A difference over a step h errs by what the function curves over it (as h², or as h where it has kinks) and by the
/// rounding of its values (as 1/h). Which of the two is larger at which step depends on the function and on the
/// processor, so no step and no tolerance is right everywhere. Here the step is halved again and again, and both errors
/// are measured: curvature by how far three neighboring differences lie apart, rounding by how far those of the smallest
/// steps do. After C. J. F. Ridders, "Accurate computation of F′(x) and F′(x)F″(x)", Adv. Eng. Softw. 4, 1982,
/// doi:10.1016/S0141-1195(82)80057-0, without his extrapolation, which kinks would mislead.
public struct MeasuredSlope: CustomStringConvertible {
  public let value: Double
  public let error: Double

  /// The steps over which differences are taken: the largest, its half, and so on.
  public static func steps(from largest: Double, count: Int = 8) -> [Double] {
    (0..<count).map { largest / Double(1 << $0) }
  }

  /// From the differences (f(h) − f(−h)) / 2h over such steps, five at least.
  public init(_ differences: [Double], over steps: [Double]) {
    precondition(differences.count == steps.count && steps.count >= 5, "a difference for each step")
    let changes = zip(differences, differences.dropFirst()).map { abs($0 - $1) }
    let rounding = zip(changes, steps.dropFirst()).suffix(3).map { $0 * $1 }.max()!
    let candidates = (1..<steps.count - 1).map { middle in
      let three = differences[middle - 1...middle + 1].sorted()
      return (value: three[1], error: 2 * (three[2] - three[0]) + 4 * rounding / steps[middle])
    }
    (value, error) = candidates.min { $0.error < $1.error }!
  }

  /// Measures a function of the distance from the place where the slope is wanted; two evaluations for each step.
  public init(
    from largest: Double, count: Int = 8, of function: (Double) throws -> Double
  ) rethrows {
    let steps = Self.steps(from: largest, count: count)
    self.init(try steps.map { (try function($0) - function(-$0)) / (2 * $0) }, over: steps)
  }

  /// Whether a slope that was computed otherwise is this one, as far as the measurement can tell.
  public func agrees(with other: Double) -> Bool { abs(other - value) <= error }

  public var description: String { "\(value) ± \(error)" }
}
