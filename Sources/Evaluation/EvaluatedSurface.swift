import Reports
public import Surfaces

/// How a surface was fitted to the reference before the comparison.
public enum Fit: String, Sendable, Codable {
  /// Values are interpreted as meters.
  case none = "as it is"
  /// One scale and one offset for the whole site, by robust regression on the reference.
  case affine = "affine fit"
  /// Derived from the reference itself, which is unavailable in practice: a bound, not a competitor.
  case oracle = "oracle baseline"
}

/// The results of one surface.
public struct EvaluatedSurface: Sendable, Encodable {
  /// The name of the surface.
  public let name: String
  /// How it was fitted to the reference.
  public let fit: Fit
  /// Whether it was coregistered with the reference by Nuth and Kääb's method.
  public let isCoregistered: Bool
  /// The transformation that was applied.
  public let placement: Placement
  /// The number of pixels that were compared.
  public let count: Int
  /// The value of each metric.
  public let figures: [Metric: Estimate]
  /// Errors by terrain class, for classes that occur.
  public let strata: [Part]
  /// Errors by distance from the nearest tile edge; each part is named by its upper limit in pixels of the heights.
  public let tileDistances: [Part]

  /// The errors of a subset of the pixels.
  public struct Part: Sendable, Encodable {
    /// The name of the subset.
    public let name: String
    /// The errors.
    public let accuracy: Accuracy
  }

  /// The title of a table row.
  public var title: String {
    name + ", " + fit.rawValue + (isCoregistered ? ", coregistered" : "")
  }

  init(
    _ candidate: Candidate, _ found: BlockPass.Found, _ bootstrap: BlockBootstrap,
    knowsSlopes: Bool
  ) {
    name = candidate.name
    fit = candidate.fit
    isCoregistered = candidate.isCoregistered
    placement = candidate.placement
    count = found.blocks.reduce(0) { $0 + $1.differences.count }
    var figures = BlockMetrics(found.blocks, bootstrap).estimates
    if !knowsSlopes { (figures[.slopeBias], figures[.slopeRMSE]) = (nil, nil) }
    self.figures = figures
    strata = Stratum.allCases.compactMap { stratum in
      Self.part(stratum.rawValue, found.strata[stratum.index])
    }
    tileDistances = zip(TileDistances.limits, found.distances).compactMap { limit, sums in
      Self.part(limit.isFinite ? "\(Int(limit))" : "beyond", sums)
    }
  }

  private static func part(_ name: String, _ sums: DifferenceSums) -> Part? {
    Accuracy(differences: sums.sample.map(Double.init)).map { Part(name: name, accuracy: $0) }
  }
}

/// A surface to evaluate.
struct Candidate {
  let name: String
  let fit: Fit
  var isCoregistered = false
  var placement = Placement()
  /// The surface on the common grid, in meters.
  let surface: any HeightSurface
}
