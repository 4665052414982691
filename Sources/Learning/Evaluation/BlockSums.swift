import Surfaces

/// What one block of ground tells of one surface; sums of blocks add up to those of all ground.
struct BlockSums: Sendable {
  var differences = DifferenceSums()
  var slopes = SlopeSums()
  /// Of the fine forms.
  var fine = ProductSums()

  static func += (sums: inout BlockSums, other: BlockSums) {
    sums.differences += other.differences
    sums.slopes += other.slopes
    sums.fine += other.fine
  }
}

/// Sums of ours − reference, and evenly spread ones of the differences themselves.
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

  /// As `+=`, the sample left out.
  mutating func addSums(of other: DifferenceSums) {
    count += other.count
    sum += other.sum
    squares += other.squares
  }

  var bias: Double { sum / Double(count) }
  var rmse: Double { (squares / Double(count)).squareRoot() }
}

/// Sums of two quantities, their squares and their product.
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

  /// −1…1; NaN of nothing, and where either does not vary.
  var correlation: Double {
    let (varianceA, varianceB) = (aa - a * a / count, bb - b * b / count)
    // Of numbers that are all alike, rounding leaves a little.
    guard varianceA > 1e-9 * aa, varianceB > 1e-9 * bb else { return .nan }
    return (ab - a * b / count) / (varianceA * varianceB).squareRoot()
  }
}
