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
