public import Reports

/// The evaluations of several sites, and their summary.
public struct EvaluationReport: Sendable, Encodable {
  /// The evaluation of each site.
  public let sites: [SiteEvaluation]
  /// Pairs that could not be evaluated, and why.
  public let leftOut: [String]
  /// The mean over sites of each surface that all have, restricted to sites in meters if there are any; empty for one
  /// site.
  public let pooled: [Pooled]
  /// The names of the sites over which `pooled` is averaged.
  public let pooledSites: [String]
  /// The heights compared with other heights and with baselines that need no network, over all sites.
  public let comparisons: [Comparison]
  /// The paper's metrics over all images of all sites; empty for one site.
  public let paper: [PaperScore]
  /// Differences of the paper's metrics between the heights and everything else, image by image.
  public let paperComparisons: [PaperComparison]
  let bootstrap: BlockBootstrap

  private enum CodingKeys: CodingKey {
    case sites, leftOut, pooledSites, pooled, comparisons, paper, paperComparisons
  }

  /// The metrics of one surface, averaged over sites with equal weight.
  public struct Pooled: Sendable, Encodable {
    /// The title of the surface.
    public let surface: String
    /// The mean of each metric.
    public let figures: [Metric: Estimate]
  }

  /// The difference of one metric between the heights and another surface, over the same blocks.
  public struct Comparison: Sendable, Encodable {
    /// The title of the heights.
    public let surface: String
    /// The title of the other surface.
    public let other: String
    /// The metric that is compared.
    public let metric: Metric
    /// The heights' metric minus the other's.
    public let difference: Estimate
    /// Whether the other surface is an oracle baseline, derived from the reference.
    public let isOracle: Bool

    /// Whether the heights are significantly better or worse; nil if there is no significant difference.
    public var isBetter: Bool? { difference.isBetter(isError: metric.isError) }
  }

  /// The metrics that are compared.
  private static let decisive: [Metric] = [.nmad, .slopeRMSE, .correlation]

  /// Summarizes evaluations.
  ///
  /// - Parameters:
  ///   - all: At least one evaluation, each with its own bootstrap seed.
  ///   - leftOut: Pairs that could not be evaluated, and why.
  ///   - bootstrap: The bootstrap for intervals over all sites.
  public init(
    _ all: [SiteEvaluation], leftOut: [String] = [], bootstrap: BlockBootstrap = BlockBootstrap()
  ) {
    precondition(!all.isEmpty, "a report needs at least one evaluation")
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
    func pool(_ figure: (SiteEvaluation) -> Estimate?) -> Estimate? {
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

  /// Compares the fitted heights, without coregistration, with all other surfaces.
  private static func comparisons(
    _ sites: [SiteEvaluation], _ titles: [String], _ bootstrap: BlockBootstrap,
    _ pool: ((SiteEvaluation) -> Estimate?) -> Estimate?
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

  private static func paper(_ sites: [SiteEvaluation]) -> [PaperScore] {
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

extension SiteEvaluation {
  /// Returns the surface with a title.
  func surface(_ title: String) -> EvaluatedSurface? { surfaces.first { $0.title == title } }
}
