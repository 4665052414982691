public import Surfaces

/// How a surface was brought to the reference before it was judged.
public enum Fit: String, Sendable, Codable {
  /// Its numbers are taken for metres.
  case none = "as it is"
  /// One scale and one shift for the whole site, by robust regression on the reference.
  case affine = "affine fit"
  /// Made of the reference itself, which nobody has who needs heights: a bound, no competitor.
  case oracle = "oracle: made of the truth"
}

/// All that was found of one surface.
public struct JudgedSurface: Sendable, Encodable {
  public let name: String
  public let fit: Fit
  /// Whether it was moved and shifted onto the reference by Nuth and Kääb's method.
  public let isCoregistered: Bool
  /// What its numbers went through.
  public let placement: Placement
  /// Pixels that were compared.
  public let count: Int
  public let figures: [Metric: Estimate]
  /// Errors on kinds of ground, where there is such ground.
  public let strata: [Part]
  /// Errors by the distance from the nearest tile edge, up to so many pixels of the heights.
  public let tileDistances: [Part]

  /// The errors of a part of the ground.
  public struct Part: Sendable, Encodable {
    public let name: String
    public let accuracy: Accuracy
  }

  /// Of a table's row.
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
    var figures = BlockFigures(found.blocks, bootstrap).estimates
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

/// A surface to be judged.
struct Candidate {
  let name: String
  let fit: Fit
  var isCoregistered = false
  var placement = Placement()
  /// On the common grid, in metres.
  let surface: any HeightSurface
}
