import Surfaces

/// The sums of one surface over one block; sums of blocks add up to those of the whole grid.
struct BlockSums: Sendable {
  var differences = DifferenceSums()
  var slopes = SlopeSums()
  /// Sums for the correlation of detail.
  var fine = ProductSums()

  static func += (sums: inout BlockSums, other: BlockSums) {
    sums.differences += other.differences
    sums.slopes += other.slopes
    sums.fine += other.fine
  }
}

/// Sums of the differences, ours − reference, and an evenly spaced sample of them.
struct DifferenceSums: Sendable {
  private(set) var count = 0
  private(set) var sum = 0.0
  private(set) var squares = 0.0
  private(set) var sample: [Float] = []

  mutating func add(_ difference: Float, isSampled: Bool) {
    count += 1
    sum += Double(difference)
    squares += Double(difference) * Double(difference)
    if isSampled { sample.append(difference) }
  }

  static func += (sums: inout DifferenceSums, other: DifferenceSums) {
    sums.addSums(of: other)
    sums.sample += other.sample
  }

  /// Adds another block's sums without its sample.
  mutating func addSums(of other: DifferenceSums) {
    count += other.count
    sum += other.sum
    squares += other.squares
  }

  /// The mean difference.
  var bias: Double { sum / Double(count) }
  /// The root mean square difference.
  var rmse: Double { (squares / Double(count)).squareRoot() }
}

/// Sums for the correlation of two quantities.
struct ProductSums: Sendable {
  private var count = 0.0
  private var a = 0.0
  private var b = 0.0
  private var aa = 0.0
  private var bb = 0.0
  private var ab = 0.0

  mutating func add(_ x: Double, _ y: Double) {
    count += 1
    a += x
    b += y
    aa += x * x
    bb += y * y
    ab += x * y
  }

  static func += (sums: inout ProductSums, other: ProductSums) {
    sums.count += other.count
    sums.a += other.a
    sums.b += other.b
    sums.aa += other.aa
    sums.bb += other.bb
    sums.ab += other.ab
  }

  /// The correlation, −1…1; NaN without values or if either quantity is constant.
  var correlation: Double {
    let (varianceA, varianceB) = (aa - a * a / count, bb - b * b / count)
    // For constant values, rounding leaves a small variance.
    guard varianceA > 1e-9 * aa, varianceB > 1e-9 * bb else { return .nan }
    return (ab - a * b / count) / (varianceA * varianceB).squareRoot()
  }
}
