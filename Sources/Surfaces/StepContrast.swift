/// Compares steps of a surface at a tile line with steps at nearby boundaries.
///
/// Each pixel of the line contributes one step and the mean of the steps near it, so both sums cover the same area.
public struct StepContrast: Hashable, Sendable {
  /// The number of compared pixels.
  public private(set) var count = 0
  private var onSum = 0.0
  private var offSum = 0.0

  /// Creates an empty comparison.
  public init() {}

  /// The mean step at the line, in the unit of the heights; nil if nothing was compared.
  public var on: Double? { count > 0 ? onSum / Double(count) : nil }
  /// The mean step near the line, in the same unit.
  public var off: Double? { count > 0 ? offSum / Double(count) : nil }

  /// `on` divided by `off`: 1 if the line is not visible.
  ///
  /// Infinite if only the line has steps; nil if there are no steps at all, as on water.
  public var ratio: Double? { onSum > 0 || offSum > 0 ? onSum / offSum : nil }

  /// Returns the standard error of the ratio over many segments, from the differences between the segments.
  ///
  /// Nil if there is no finite ratio or only one segment. The formula is that for a ratio of sums: W. G. Cochran,
  /// "Sampling Techniques", 3rd edition (1977), section 6.3.
  static func standardError(of segments: [StepContrast]) -> Double? {
    let sum = segments.reduce(into: StepContrast()) { $0 += $1 }
    let known = segments.filter { $0.count > 0 }
    guard let ratio = sum.ratio, ratio.isFinite, known.count > 1 else { return nil }
    let squares = known.reduce(0.0) { squares, segment in
      let residual = segment.onSum - ratio * segment.offSum
      return squares + residual * residual
    }
    let count = Double(known.count)
    return (squares * count / (count - 1)).squareRoot() / sum.offSum
  }

  /// Adds one pixel of a line; pairs that contain NaN are ignored.
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
