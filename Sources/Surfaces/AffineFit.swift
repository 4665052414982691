/// The scale and shift that put one surface on another's ruler: reference ≈ scale · values + shift.
///
/// Robust by reweighting with the bisquare at 4.685 robust standard deviations (A. E. Beaton and J. W. Tukey,
/// Technometrics 16, 1974, doi:10.1080/00401706.1974.10489171). The scale is the ratio of the two spreads
/// (the reduced major axis), not the regression of one on the other: both surfaces carry errors, and a
/// regression would flatten every tile by the correlation.
public struct AffineFit: Hashable, Sendable, Codable {
  public var scale: Double
  public var shift: Double
  /// Weighted correlation of the two surfaces; 0 where either is flat.
  public var correlation: Double
  /// How many pairs it rests on.
  public var count: Int
  /// The median of the values that were fitted, about which a change of scale turns.
  public var centre: Double

  public init(scale: Double, shift: Double, correlation: Double, count: Int, centre: Double) {
    self.scale = scale
    self.shift = shift
    self.correlation = correlation
    self.count = count
    self.centre = centre
  }

  public static let identity = AffineFit(scale: 1, shift: 0, correlation: 0, count: 0, centre: 0)

  /// Two numbers are well known from this many pairs; more only cost time.
  private static let enoughPairs = 4096

  /// Fits the pairs in which both have a value (are not NaN); nil where there is no such pair.
  ///
  /// Of more than 4096 pairs, evenly spread ones are taken.
  public init?(of values: [Float], to reference: [Float], rounds: Int = 8) {
    precondition(values.count == reference.count, "surfaces of one size are fitted")
    var shared = values.indices.filter { !values[$0].isNaN && !reference[$0].isNaN }
    let step = (shared.count + Self.enoughPairs - 1) / Self.enoughPairs
    if step > 1 { shared = stride(from: 0, to: shared.count, by: step).map { shared[$0] } }
    let x = shared.map { Double(values[$0]) }
    let y = shared.map { Double(reference[$0]) }
    guard !x.isEmpty else { return nil }
    // From the medians' spreads, which no minority of outliers can move.
    var (scale, shift) = Self.start(x, y)
    var weights = [Double](repeating: 1, count: x.count)
    var moments = Moments(x, y, weights)
    for _ in 0..<rounds {
      let residuals = x.indices.map { abs(y[$0] - scale * x[$0] - shift) }
      let spread = 1.4826 * residuals.median()  // the standard deviation, were it normal
      for i in weights.indices {
        let u = residuals[i] == 0 ? 0 : residuals[i] / (4.685 * spread)
        weights[i] = u < 1 ? (1 - u * u) * (1 - u * u) : 0
      }
      moments = Moments(x, y, weights)
      guard moments.correlation > 0 else { break }
      (scale, shift) = (moments.scale, moments.shift)
    }
    self.init(
      scale: scale, shift: x.indices.map { y[$0] - scale * x[$0] }.median(),
      correlation: moments.correlation, count: x.count, centre: x.median())
  }

  private static func start(_ x: [Double], _ y: [Double]) -> (scale: Double, shift: Double) {
    let spread = { (values: [Double]) in
      let centre = values.median()
      return values.map { abs($0 - centre) }.median()
    }
    let (sx, sy) = (spread(x), spread(y))
    let scale = sx > 0 && sy > 0 ? sy / sx : 1
    return (scale, x.indices.map { y[$0] - scale * x[$0] }.median())
  }

  /// The fit with a doubtful scale drawn to one, and a shift to match.
  ///
  /// A flat tile (water) has no scale of its own, and one that disagrees with the reference, or rests on a handful of
  /// pixels, has none worth keeping: then it is taken for what the same network says of the reference. The
  /// logarithm of the scale is multiplied by the trust in it, 0…1, and held within a factor of four: what asks for
  /// more is a tile so flat that its scale is noise. The tile's middle height stays where it was fitted.
  /// Nothing but the tile and the reference under it decides, so the tile has one fit in whatever area is asked for.
  public var steadied: AffineFit {
    var result = self
    let drawn = trust > 0 ? power(scale, trust) : 1
    result.scale = min(max(drawn, 1 / Self.largestScale), Self.largestScale)
    result.shift = shift + (scale - result.scale) * centre
    return result
  }

  private static let largestScale = 4.0

  /// How far the scale can be believed, 0…1.
  ///
  /// r² for a positive correlation, less for few pairs: of three unrelated ones, half correlate at r² > 0.5.
  public var trust: Double {
    guard correlation > 0 else { return 0 }
    let pairs = Double(count)
    return correlation * correlation * pairs / (pairs + 50)
  }
}

/// Weighted means and spreads of pairs.
private struct Moments {
  var scale = 1.0
  var shift = 0.0
  var correlation = 0.0

  init(_ x: [Double], _ y: [Double], _ weights: [Double]) {
    var (w, mx, my) = (0.0, 0.0, 0.0)
    for i in x.indices {
      w += weights[i]
      mx += weights[i] * x[i]
      my += weights[i] * y[i]
    }
    mx /= w
    my /= w
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for i in x.indices {
      let (dx, dy) = (x[i] - mx, y[i] - my)
      xx += weights[i] * dx * dx
      yy += weights[i] * dy * dy
      xy += weights[i] * dx * dy
    }
    if xx > 0, yy > 0 {
      correlation = xy / (xx * yy).squareRoot()
      scale = (yy / xx).squareRoot()
    }
    shift = my - scale * mx
  }
}
