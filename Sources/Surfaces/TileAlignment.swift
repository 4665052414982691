/// Puts all tiles of a scene on one ruler: a scale and a shift for each, found for all of them together.
///
/// A network gives every tile a scale and a shift of its own. What neighbours show of the ground that they share, and
/// what an overview shows of the ground under each, is enough to find them: first the logarithms of all scales, from
/// ratios of spreads, then all shifts, from what the scales leave between means. Both are sparse systems of
/// differences over the graph of overlaps, solved robustly. Never both at once: a least-squares fit of scales and shifts
/// is smallest where all scales are, and loses a fifth of the relief; nor one tile after the other: a chain drifts.
///
/// O(overlaps · √tiles) time, 0.2 kB for each overlap.
public struct TileAlignment: Sendable {
  /// Two tiles over the same ground, or a tile and the reference.
  public struct Overlap: Sendable {
    public let first: Int
    /// Nil: the reference, whose scale and shift are the ruler.
    public let second: Int?
    /// Of the first tile's heights to the other's.
    public let fit: AffineFit

    public init(of first: Int, with second: Int?, _ fit: AffineFit) {
      self.first = first
      self.second = second
      self.fit = fit
    }
  }

  /// How a tile comes onto the common ruler: scale · values + shift.
  public struct Ruler: Hashable, Sendable {
    public var scale: Double
    public var shift: Double
    /// How well the tile agrees with any that it overlaps, 0…1; near 0 its scale is its neighbours' and not its own.
    public var trust: Double

    public init(scale: Double, shift: Double, trust: Double = 1) {
      self.scale = scale
      self.shift = shift
      self.trust = trust
    }

    public static let identity = Ruler(scale: 1, shift: 0)
  }

  /// One for each tile; nil where there is a reference and no chain of overlaps leads to it.
  ///
  /// Without a reference, each part of the scene that hangs together has the mean scale 1 (of the logarithms) and the
  /// mean shift 0.
  public let rulers: [Ruler?]

  /// Aligns tiles numbered from 0.
  public init(tiles count: Int, overlaps: [Overlap]) {
    let reliability = Self.reliability(overlaps)
    let scaleSystem = DifferenceSystem(
      count: count, observations: overlaps.map { Self.scaleObservation($0, reliability) })
    let scales = scaleSystem.solution().map(exponential)
    let (shifts, reference) = Self.shifts(count, overlaps, scales)
    let hasReference = overlaps.contains { $0.second == nil }
    var isHeld = [Bool](repeating: !hasReference, count: count)
    for part in scaleSystem.parts where part.isHeld {
      for tile in part.members { isHeld[tile] = true }
    }
    var trust = [Double](repeating: 0, count: count)
    for overlap in overlaps {
      for tile in [overlap.first, overlap.second].compactMap({ $0 }) {
        trust[tile] = max(trust[tile], overlap.fit.trust)
      }
    }
    rulers = (0..<count).map {
      isHeld[$0]
        ? Ruler(scale: scales[$0] / reference, shift: shifts[$0] / reference, trust: trust[$0])
        : nil
    }
  }

  /// What a scale weighs that says nothing: it ties a flat tile to its neighbours, and yields to any that has relief.
  private static let prior = 1e-4
  /// Beyond, agreement says how alike two outputs of one network are and not how right.
  private static let closest = 0.97

  /// log s of a tile against its neighbour or the reference.
  ///
  /// Between neighbours, whose errors are alike, from the ratio of their spreads. The reference has other errors than the
  /// tile, and larger ones where it is flat, which would widen its spread; so there it is the regression of the
  /// reference on the tile, which only the tile's own errors flatten: by its reliability, the correlation that
  /// neighbours have. The weight is one over the variance of a ratio of spreads, (1 − ρ²)/n, and less where ρ is small.
  private static func scaleObservation(
    _ overlap: Overlap, _ reliability: Double
  ) -> DifferenceSystem.Observation {
    let fit = overlap.fit
    let correlation = max(fit.correlation, 0)
    var value = fit.correlation == 0 ? 0 : logarithm(fit.scale)
    if overlap.second == nil, correlation > leastCorrelation {
      value += min(logarithm(correlation / reliability), 0)
    }
    let bounded = min(correlation, closest)
    let weight = fit.trust * correlation * correlation / (1 - bounded * bounded)
    return DifferenceSystem.Observation(
      first: overlap.first, second: overlap.second, value: value, weight: weight + prior)
  }

  private static let leastCorrelation = 0.05

  /// The share of a tile's variance that its neighbour sees too, by the median of those that see anything.
  private static func reliability(_ overlaps: [Overlap]) -> Double {
    let seen = overlaps.filter { $0.second != nil && $0.fit.correlation > 0.3 }
    return seen.isEmpty ? 1 : seen.map(\.fit.correlation).median()
  }

  /// All shifts, and the scale of the reference beside those of the tiles.
  ///
  /// What a tile shows says little of the reference's scale where that errs by more than the tile's relief, and what
  /// it says is too large, for only a positive correlation is believed. Many tiles on one ruler say more: so the
  /// tiles are put together by themselves first, and that surface is compared with the reference as a whole.
  private static func shifts(
    _ count: Int, _ overlaps: [Overlap], _ scales: [Double]
  ) -> (shifts: [Double], reference: Double) {
    let neighbours = overlaps.filter { $0.second != nil }
    let held = overlaps.filter { $0.second == nil }
    let alone = DifferenceSystem(
      count: count, observations: shiftObservations(neighbours, scales, reference: 1)
    ).solution()
    guard !held.isEmpty else { return (alone, 1) }
    let heights = held.map { Float(scales[$0.first] * $0.fit.mean + alone[$0.first]) }
    let fit = AffineFit(of: held.map { Float($0.fit.referenceMean) }, to: heights)
    let reference = fit.map { exponential(share($0, of: held.count) * logarithm($0.scale)) } ?? 1
    let shifts = DifferenceSystem(
      count: count, observations: shiftObservations(overlaps, scales, reference: reference)
    ).solution(from: alone)
    return (shifts, reference)
  }

  /// How much of the scale of a fit between the whole and the reference is believed, 0…1: all of many tiles that
  /// agree at all, little of few.
  private static func share(_ fit: AffineFit, of tiles: Int) -> Double {
    let correlation = max(fit.correlation, 0)
    return min(1, 2 * correlation * correlation) * Double(tiles) / Double(tiles + 50)
  }

  /// b of a tile against its neighbour or the reference, from the means under the scales that were found.
  ///
  /// Weighed by what varies between the two under these scales, but none by more than a hundred times the median.
  private static func shiftObservations(
    _ overlaps: [Overlap], _ scales: [Double], reference: Double
  ) -> [DifferenceSystem.Observation] {
    var variances: [Double] = []
    var observations = overlaps.map { overlap in
      let (s, t) = (scales[overlap.first], overlap.second.map { scales[$0] } ?? reference)
      let fit = overlap.fit
      variances.append(
        max(s * s * fit.variance + t * t * fit.referenceVariance - 2 * s * t * fit.covariance, 0))
      return DifferenceSystem.Observation(
        first: overlap.first, second: overlap.second,
        value: t * fit.referenceMean - s * fit.mean, weight: 1)
    }
    guard !variances.isEmpty else { return [] }
    let median = variances.median()
    for i in observations.indices where median > 0 {
      observations[i].weight = median / max(variances[i], median / 100)
    }
    return observations
  }
}
