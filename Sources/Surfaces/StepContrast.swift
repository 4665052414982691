/// Steps of a surface across a tile line beside those across the boundaries near it.
///
/// Each pixel of the line brings one step and the mean of its neighbours', so that both sums are over the same ground.
public struct StepContrast: Hashable, Sendable {
  /// Pixels of lines that were compared.
  public private(set) var count = 0
  private var onSum = 0.0
  private var offSum = 0.0

  public init() {}

  /// Mean step across the line, in the unit of the heights; nil where nothing was compared.
  public var on: Double? { count > 0 ? onSum / Double(count) : nil }
  /// Mean step near the line, in the same unit.
  public var off: Double? { count > 0 ? offSum / Double(count) : nil }

  /// The first over the second: 1 where the line can't be told.
  ///
  /// Infinite where only the line has steps; nil where there are none at all, as on water.
  public var ratio: Double? { onSum > 0 || offSum > 0 ? onSum / offSum : nil }

  /// The standard error of the ratio of many stretches of lines taken together, by how far they differ among
  /// themselves; nil where there is no finite ratio, or one stretch alone.
  ///
  /// Of a ratio of sums: W. G. Cochran, "Sampling Techniques", 3rd edition (1977), section 6.3.
  static func standardError(of stretches: [StepContrast]) -> Double? {
    let sum = stretches.reduce(into: StepContrast()) { $0 += $1 }
    let known = stretches.filter { $0.count > 0 }
    guard let ratio = sum.ratio, ratio.isFinite, known.count > 1 else { return nil }
    let squares = known.reduce(0.0) { squares, stretch in
      let residual = stretch.onSum - ratio * stretch.offSum
      return squares + residual * residual
    }
    let count = Double(known.count)
    return (squares * count / (count - 1)).squareRoot() / sum.offSum
  }

  /// Adds one pixel of a line; what holds NaN is left out.
  mutating func add(on: Float, off: Float) {
    guard !on.isNaN, !off.isNaN else { return }
    onSum += Double(on)
    offSum += Double(off)
    count += 1
  }

  static func += (sum: inout StepContrast, other: StepContrast) {
    sum.onSum += other.onSum
    sum.offSum += other.offSum
    sum.count += other.count
  }
}
