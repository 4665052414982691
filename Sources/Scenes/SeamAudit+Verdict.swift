import Grids
import Surfaces

/// What the figures mean, and which overlap they recommend.
extension SeamAudit {
  /// A figure that is 1 where the tiles can't be told.
  public struct Figure: Sendable {
    /// What is held against what.
    public enum Kind: String, Sendable {
      case heightSteps = "height steps"
      case slopeSteps = "slope steps"
      case spectralPeak = "spectral peak"
      case detail = "detail in overlaps"
      case broadSteps = "broad steps"
    }

    public let kind: Kind
    public var name: String { kind.rawValue }
    public let ratio: Double?
    /// How far it is from 1, upward: variance of detail errs to either side.
    public let excess: Double?
    /// The standard error of the ratio, by how far lines differ among themselves; nil where they cannot tell.
    public let error: Double?
    /// Land without seams stays below this.
    let limit: Double

    /// Whether it is beyond the limit, and beyond chance: by two standard errors, where it has any.
    ///
    /// Without one, detail or rises over few overlaps may be chance, unless nothing beside them has any.
    var isSeen: Bool {
      guard let excess, excess > limit else { return false }
      if let error { return excess > 1 + 2 * error }
      return excess == .infinity || (kind != .detail && kind != .broadSteps)
    }
  }

  /// Steps in height and slope, the spectral peak, the detail in overlaps, and broad steps over these.
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

  /// Those whose excess is above a limit of the caller's.
  public func figures(above limit: Double) -> [Figure] {
    figures.filter { $0.excess.map { $0 > limit } ?? false }
  }

  /// What to do about the overlap of the tiles.
  public enum Advice: Hashable, Sendable {
    /// There is no line of tiles in the raster, or nothing along it.
    case noLines
    case enough
    /// Pixels of the lattice on which the tiles lie.
    case tryOverlap(Int)
    /// It is half a tile, the most that there is.
    case alreadyHalf
    /// Tiles stand at heights of their own, which no overlap cures.
    case differentRulers
  }

  /// Enough if each figure is as land without seams has it: steps up to 1.1, peak and detail up to 1.25 (or one over
  /// it), or beyond that by chance, within two standard errors.
  ///
  /// Else twice as much, an eighth of a tile at least and half of one at most.
  public var advice: Advice {
    guard figures.contains(where: { $0.ratio != nil }) else { return .noLines }
    let seen = figures.filter(\.isSeen)
    guard !seen.isEmpty else { return .enough }
    guard !seen.contains(where: { $0.kind == .broadSteps }) else { return .differentRulers }
    let tile = min(lines.tiles.tileWidth, lines.tiles.tileHeight)
    let most = tile / 2
    let wanted = min(most, max(2 * lines.tiles.overlap, tile / 8))
    return wanted > lines.tiles.overlap ? .tryOverlap(wanted) : .alreadyHalf
  }
}
