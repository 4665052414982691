/// A robust fit between two surfaces over the same area: reference ≈ scale · value + offset.
///
/// It consists of robust means, variances, and the covariance, computed by iterative reweighting with the bisquare
/// at 4.685 robust standard deviations (A. E. Beaton and J. W. Tukey, Technometrics 16, 1974,
/// doi:10.1080/00401706.1974.10489171). The scale is the ratio of the two spreads (reduced major axis), not a
/// regression: both surfaces have errors, and a regression would reduce the relief of every tile by the
/// correlation.
public struct AffineFit: Hashable, Sendable {
  /// The number of pairs that were used.
  public private(set) var count: Int
  /// The robust mean of the values.
  public private(set) var mean = 0.0
  /// The robust mean of the reference.
  public private(set) var referenceMean = 0.0
  /// The robust variance of the values.
  public private(set) var variance = 0.0
  /// The robust variance of the reference.
  public private(set) var referenceVariance = 0.0
  /// The robust covariance of the values and the reference.
  public private(set) var covariance = 0.0
  /// The factor that scales the values' spread to the reference's; 1 if either surface is flat.
  public private(set) var scale: Double
  /// The offset added to the scaled values.
  public private(set) var shift: Double

  /// The maximum number of pairs: two parameters are well determined, and more pairs only cost time.
  private static let maximumPairs = 4096
  private static let rounds = 8

  /// Fits all pairs in which both values are present (not NaN); nil if there are none.
  ///
  /// Above 4096 pairs, an evenly spaced subset is used. O(pairs).
  public init?(of values: [Float], to reference: [Float]) {
    precondition(
      values.count == reference.count,
      "the surfaces have \(values.count) and \(reference.count) pixels")
    var shared = values.indices.filter { !values[$0].isNaN && !reference[$0].isNaN }
    let step = (shared.count + Self.maximumPairs - 1) / Self.maximumPairs
    if step > 1 { shared = stride(from: 0, to: shared.count, by: step).map { shared[$0] } }
    guard !shared.isEmpty else { return nil }
    // Medians are subtracted so that a flat surface has exactly zero spread, without rounding errors.
    let center = shared.map { Double(values[$0]) }.median()
    let referenceCenter = shared.map { Double(reference[$0]) }.median()
    let x = shared.map { Double(values[$0]) - center }
    let y = shared.map { Double(reference[$0]) - referenceCenter }
    count = x.count
    // The initial scale is the ratio of median absolute deviations, which no minority of outliers can change.
    let (sx, sy) = (x.medianDeviation, y.medianDeviation)
    let start = sx > 0 && sy > 0 ? sy / sx : 1
    scale = start
    shift = x.indices.map { y[$0] - start * x[$0] }.median()
    let rounding = 1e-6 * max(sy, start * sx)
    var weights = [Double](repeating: 1, count: count)
    takeMoments(x, y, weights)
    for _ in 0..<Self.rounds {
      let residuals = x.indices.map { abs(y[$0] - scale * x[$0] - shift) }
      // The standard deviation for normally distributed residuals.
      let spread = max(1.4826 * residuals.median(), rounding)
      for i in weights.indices {
        weights[i] = Bisquare.weight(residuals[i], deviation: spread)
      }
      takeMoments(x, y, weights)
      guard correlation > 0 else { break }
      scale = (referenceVariance / variance).squareRoot()
      shift = referenceMean - scale * mean
    }
    mean += center
    referenceMean += referenceCenter
    shift += referenceCenter - scale * center
  }

  private mutating func takeMoments(_ x: [Double], _ y: [Double], _ weights: [Double]) {
    let (w, mx, my) = weightedMeans(x, y, weights)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      let (dx, dy) = (x[i] - mx, y[i] - my)
      xx += weights[i] * dx * dx
      yy += weights[i] * dy * dy
      xy += weights[i] * dx * dy
    }
    (mean, referenceMean) = (mx, my)
    (variance, referenceVariance, covariance) = (xx / w, yy / w, xy / w)
  }

  /// The correlation of the two surfaces, −1…1; 0 if either is flat.
  public var correlation: Double {
    let product = variance * referenceVariance
    return product > 0 ? covariance / product.squareRoot() : 0
  }

  /// The reliability of the scale, 0…1.
  ///
  /// It is r² for a positive correlation, reduced for few pairs: among samples of three unrelated pairs, half exceed
  /// r² = 0.5.
  public var trust: Double {
    guard correlation > 0 else { return 0 }
    let pairs = Double(count)
    return correlation * correlation * pairs / (pairs + 50)
  }
}

/// A fit as numbers, in which a task hands it to the next one.
extension AffineFit {
  /// The number of numbers.
  package static let numberCount = 8

  /// The fit as numbers.
  package var numbers: [Double] {
    [
      Double(count), mean, referenceMean, variance, referenceVariance, covariance, scale, shift,
    ]
  }

  /// Creates a fit from its numbers.
  ///
  /// - Precondition: There are as many as `numberCount`.
  package init(numbers: ArraySlice<Double>) {
    precondition(numbers.count == Self.numberCount, "a fit has \(Self.numberCount) numbers")
    let n = Array(numbers)
    count = Int(n[0])
    (mean, referenceMean) = (n[1], n[2])
    (variance, referenceVariance, covariance) = (n[3], n[4], n[5])
    (scale, shift) = (n[6], n[7])
  }
}
