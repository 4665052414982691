/// How two surfaces over the same ground compare: reference ≈ scale · values + shift.
///
/// Made of robust means, variances and the covariance, by reweighting with the bisquare at 4.685 robust standard
/// deviations (A. E. Beaton and J. W. Tukey, Technometrics 16, 1974, doi:10.1080/00401706.1974.10489171). The scale is
/// the ratio of the two spreads (the reduced major axis), not the regression of one on the other: both surfaces carry
/// errors, and a regression would flatten every tile by the correlation.
public struct AffineFit: Hashable, Sendable {
  /// How many pairs it rests on.
  public private(set) var count: Int
  /// Robust means of the two sides.
  public private(set) var mean = 0.0
  public private(set) var referenceMean = 0.0
  /// Robust variances and covariance.
  public private(set) var variance = 0.0
  public private(set) var referenceVariance = 0.0
  public private(set) var covariance = 0.0
  /// What brings the values' spread to the reference's; 1 where either has none.
  public private(set) var scale: Double
  public private(set) var shift: Double

  /// Two numbers are well known from this many pairs; more only cost time.
  private static let enoughPairs = 4096
  private static let rounds = 8

  /// Fits the pairs in which both have a value (are not NaN); nil where there is no such pair.
  ///
  /// Of more than 4096 pairs, evenly spread ones are taken. O(pairs).
  public init?(of values: [Float], to reference: [Float]) {
    precondition(values.count == reference.count, "surfaces of one size are fitted")
    var shared = values.indices.filter { !values[$0].isNaN && !reference[$0].isNaN }
    let step = (shared.count + Self.enoughPairs - 1) / Self.enoughPairs
    if step > 1 { shared = stride(from: 0, to: shared.count, by: step).map { shared[$0] } }
    guard !shared.isEmpty else { return nil }
    // About their middles, so that what is flat has no spread, not even of rounding.
    let centre = shared.map { Double(values[$0]) }.median()
    let referenceCentre = shared.map { Double(reference[$0]) }.median()
    let x = shared.map { Double(values[$0]) - centre }
    let y = shared.map { Double(reference[$0]) - referenceCentre }
    count = x.count
    // From the medians' spreads, which no minority of outliers can move.
    let (sx, sy) = (x.medianDeviation, y.medianDeviation)
    let start = sx > 0 && sy > 0 ? sy / sx : 1
    scale = start
    shift = x.indices.map { y[$0] - start * x[$0] }.median()
    let rounding = 1e-6 * max(sy, start * sx)
    var weights = [Double](repeating: 1, count: count)
    takeMoments(x, y, weights)
    for _ in 0..<Self.rounds {
      let residuals = x.indices.map { abs(y[$0] - scale * x[$0] - shift) }
      // The standard deviation, were they normal.
      let spread = max(1.4826 * residuals.median(), rounding)
      for i in weights.indices {
        weights[i] = Bisquare.weight(residuals[i], deviation: spread)
      }
      takeMoments(x, y, weights)
      guard correlation > 0 else { break }
      scale = (referenceVariance / variance).squareRoot()
      shift = referenceMean - scale * mean
    }
    mean += centre
    referenceMean += referenceCentre
    shift += referenceCentre - scale * centre
  }

  private mutating func takeMoments(_ x: [Double], _ y: [Double], _ weights: [Double]) {
    var (w, mx, my) = (0.0, 0.0, 0.0)
    for i in x.indices {
      w += weights[i]
      mx += weights[i] * x[i]
      my += weights[i] * y[i]
    }
    (mx, my) = (mx / w, my / w)
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

  /// Of the two surfaces, −1…1; 0 where either is flat.
  public var correlation: Double {
    let product = variance * referenceVariance
    return product > 0 ? covariance / product.squareRoot() : 0
  }

  /// How far the scale can be believed, 0…1.
  ///
  /// r² for a positive correlation, less for few pairs: of three unrelated ones, half correlate at r² > 0.5.
  public var trust: Double {
    guard correlation > 0 else { return 0 }
    let pairs = Double(count)
    return correlation * correlation * pairs / (pairs + 50)
  }
}
