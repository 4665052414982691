import Grids
import Surfaces

/// The interpretation of the statistics, and the recommended overlap.
extension SeamAudit {
  /// A figure that is 1 if there are no visible seams.
  public struct Figure: Sendable {
    /// The quantities that a figure compares.
    public enum Kind: String, Sendable {
      /// Differences of height across tile edges, compared with those near them.
      case heightSteps = "height steps"
      /// Differences of slope across tile edges, compared with those near them.
      case slopeSteps = "slope steps"
      /// The hillshade's power at the frequencies of the tile grid, compared with that halfway between them.
      case spectralPeak = "spectral peak"
      /// The variance of detail in the overlaps, compared with that next to them.
      case detail = "detail in overlaps"
      /// Height differences over whole overlaps, compared with those before and after them.
      case broadSteps = "broad steps"
    }

    /// The kind of the figure.
    public let kind: Kind
    /// The name of the figure in reports.
    public var name: String { kind.rawValue }
    /// The ratio of the compared quantities; nil if there is nothing to compare.
    public let ratio: Double?
    /// The ratio or, for detail, the larger of the ratio and its inverse, since detail may deviate in both directions.
    public let excess: Double?
    /// The standard error of the ratio, from the variation between lines; nil if it cannot be estimated.
    public let error: Double?
    /// The limit that terrain without seams does not exceed.
    let limit: Double

    /// Whether the figure exceeds its limit and, if it has a standard error, exceeds 1 by more than two of them.
    ///
    /// Without a standard error, detail and broad steps may be large by chance in few overlaps, unless the ratio is
    /// infinite.
    var isSignificant: Bool {
      guard let excess, excess > limit else { return false }
      if let error { return excess > 1 + 2 * error }
      return excess == .infinity || (kind != .detail && kind != .broadSteps)
    }
  }

  /// The figures: steps in height and slope, the spectral peak, the detail in overlaps, and broad steps.
  public var figures: [Figure] {
    let (height, slope) = (statistics.height.ratio, statistics.slope.ratio)
    let detail = statistics.detail
    return [
      Figure(
        kind: .heightSteps, ratio: height, excess: height, error: statistics.heightError,
        limit: 1.1),
      Figure(
        kind: .slopeSteps, ratio: slope, excess: slope, error: statistics.slopeError, limit: 1.1),
      Figure(
        kind: .spectralPeak, ratio: statistics.peak, excess: statistics.peak, error: nil,
        limit: 1.25),
      Figure(
        kind: .detail, ratio: detail, excess: detail.map { max($0, 1 / $0) },
        error: statistics.detailError.flatMap { share in detail.map { share * $0 } }, limit: 1.25),
      Figure(
        kind: .broadSteps, ratio: statistics.broad.ratio, excess: statistics.broad.ratio,
        error: statistics.broadError, limit: 1.25),
    ]
  }

  /// Returns the figures whose excess is above a given limit.
  public func figures(above limit: Double) -> [Figure] {
    figures.filter { $0.excess.map { $0 > limit } ?? false }
  }

  /// A recommendation about the overlap of the tiles.
  public enum Advice: Hashable, Sendable {
    /// The raster has no tile edges inside, or nothing to compare along them.
    case noLines
    /// The overlap is sufficient.
    case enough
    /// A larger overlap is recommended, in pixels of the tiles' lattice.
    case tryOverlap(Int)
    /// Seams are visible, but the overlap is already half a tile, the maximum.
    case maximumOverlap
    /// The tiles have different height levels, which a larger overlap does not correct.
    case inconsistentCalibration
  }

  /// The recommended overlap.
  ///
  /// The overlap is sufficient if no figure exceeds the limit for terrain without seams (1.1 for steps in height and
  /// slope, 1.25 for the spectral peak, detail or its inverse, and broad steps), or exceeds it only by chance (within
  /// two standard errors of 1). Otherwise the recommendation is twice the overlap, at least an eighth and at most half
  /// of a tile. A larger overlap does not correct broad steps.
  public var advice: Advice {
    guard figures.contains(where: { $0.ratio != nil }) else { return .noLines }
    let significant = figures.filter(\.isSignificant)
    guard !significant.isEmpty else { return .enough }
    guard !significant.contains(where: { $0.kind == .broadSteps }) else {
      return .inconsistentCalibration
    }
    let tile = min(lines.tiles.tileWidth, lines.tiles.tileHeight)
    let maximum = tile / 2
    let wanted = min(maximum, max(2 * lines.tiles.overlap, tile / 8))
    return wanted > lines.tiles.overlap ? .tryOverlap(wanted) : .maximumOverlap
  }
}
