/// The evaluations of several sites, and what they say together.
public struct EvaluationReport: Sendable, Encodable {
  public let sites: [Evaluation]
  /// Pairs that could not be judged, and why.
  public let leftOut: [String]
  /// The mean over sites of each surface that all of them have, of those in metres if any are; empty with one site.
  public let pooled: [Pooled]
  /// The sites whose mean that is.
  public let pooledSites: [String]
  /// How much better the heights are than other heights and what needs no network, over all sites.
  public let comparisons: [Comparison]
  /// The paper's metrics over all images of all sites; empty with one site.
  public let paper: [PaperScore]
  /// The same of the heights less those of everything else, image by image.
  public let paperComparisons: [PaperComparison]
  let bootstrap: BlockBootstrap

  private enum CodingKeys: CodingKey {
    case sites, leftOut, pooledSites, pooled, comparisons, paper, paperComparisons
  }

  /// Figures of one surface, each site counting once.
  public struct Pooled: Sendable, Encodable {
    public let surface: String
    public let figures: [Metric: Estimate]
  }

  /// One figure of the heights less the same of another surface, at the same blocks of ground.
  public struct Comparison: Sendable, Encodable {
    public let surface: String
    public let other: String
    public let metric: Metric
    public let difference: Estimate
    /// Whether the other is made of the truth.
    public let isOracle: Bool

    /// Whether the heights are better, or worse, beyond chance; nil where chance may be all.
    public var isBetter: Bool? { difference.isBetter(isError: metric.isError) }
  }

  /// What decides whether heights are of use.
  private static let decisive: [Metric] = [.nmad, .slopeRMSE, .correlation]

  /// - Parameters:
  ///   - all: One or more, each drawn by a seed of its own.
  ///   - leftOut: Pairs that could not be judged, and why.
  ///   - bootstrap: For ranges over all of them.
  public init(
    _ all: [Evaluation], leftOut: [String] = [], bootstrap: BlockBootstrap = BlockBootstrap()
  ) {
    precondition(!all.isEmpty, "a report is of something")
    self.sites = all
    self.leftOut = leftOut
    self.bootstrap = bootstrap
    let metric = all.filter(\.isMetric)
    let sites = metric.isEmpty ? all : metric
    pooledSites = sites.map(\.name)
    let titles = sites[0].surfaces.map(\.title)
    let everywhere = titles.filter { title in
      sites.allSatisfy { $0.surfaces.contains { $0.title == title } }
    }
    func pool(_ figure: (Evaluation) -> Estimate?) -> Estimate? {
      let found = sites.compactMap(figure)
      return found.count == sites.count ? Estimate.mean(found, bootstrap) : nil
    }
    pooled =
      sites.count < 2
      ? []
      : everywhere.map { title in
        var figures: [Metric: Estimate] = [:]
        for metric in Metric.allCases {
          figures[metric] = pool { $0.surface(title)?.figures[metric] }
        }
        return Pooled(surface: title, figures: figures)
      }
    comparisons = Self.comparisons(sites, everywhere, bootstrap, pool)
    paper = Self.paper(all)
    paperComparisons = PaperComparison.of(
      paper.isEmpty ? all[0].paper : paper, bootstrap)
  }

  /// The fitted heights, as they lie, against all that is not heights.
  private static func comparisons(
    _ sites: [Evaluation], _ titles: [String], _ bootstrap: BlockBootstrap,
    _ pool: ((Evaluation) -> Estimate?) -> Estimate?
  ) -> [Comparison] {
    guard
      let own = sites[0].surfaces.first(where: {
        $0.name == "heights" && $0.fit == .affine && !$0.isCoregistered
      })?.title
    else { return [] }
    return titles.flatMap { title -> [Comparison] in
      guard let other = sites[0].surface(title), other.name != "heights" else { return [] }
      return decisive.compactMap { metric in
        pool { site in
          guard let ours = site.surface(own)?.figures[metric],
            let theirs = site.surface(title)?.figures[metric]
          else { return nil }
          return ours.less(theirs, bootstrap)
        }.map {
          Comparison(
            surface: own, other: title, metric: metric, difference: $0,
            isOracle: other.fit == .oracle)
        }
      }
    }
  }

  private static func paper(_ sites: [Evaluation]) -> [PaperScore] {
    guard sites.count > 1 else { return [] }
    let judged = sites.filter { !$0.paper.isEmpty }
    guard let first = judged.first else { return [] }
    return first.paper.compactMap { score in
      let all = judged.compactMap { site in
        site.paper.first { $0.name == score.name }?.images
      }
      guard all.count == judged.count else { return nil }
      return PaperScore(name: score.name, fit: score.fit, images: all.flatMap { $0 })
    }
  }
}

extension Evaluation {
  /// The surface of that title.
  func surface(_ title: String) -> JudgedSurface? { surfaces.first { $0.title == title } }
}
