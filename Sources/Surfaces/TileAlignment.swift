/// Calibrates all tiles of a scene together: estimates a scale and an offset for each tile.
///
/// A network gives every tile an arbitrary scale and offset. The comparisons of neighboring tiles in their
/// overlaps, and of each tile with an overview of the scene, determine them. First, all log scales are estimated
/// from ratios of spreads; then, all offsets from the differences of the scaled means. Both are sparse systems of
/// differences over the graph of overlaps and are solved robustly.
///
/// Scales and offsets are not solved together: a joint least-squares fit favors small scales and loses a fifth of
/// the relief. Tiles are not aligned one after another either, because a chain drifts.
///
/// O(overlaps · √tiles) time, 0.2 kB for each overlap.
public struct TileAlignment: Sendable {
  /// A comparison of two tiles over their common area, or of a tile with the reference.
  public struct Overlap: Sendable {
    /// The number of the first tile.
    public let first: Int
    /// The number of the other tile; nil for the reference, whose scale and offset define the calibration.
    public let second: Int?
    /// The fit of the first tile's heights to those of the other.
    public let fit: AffineFit

    /// Creates a comparison from the fit of one tile's heights to those of another tile or, if `second` is nil, the
    /// reference.
    public init(of first: Int, with second: Int?, _ fit: AffineFit) {
      self.first = first
      self.second = second
      self.fit = fit
    }
  }

  /// The calibration of a tile: calibrated height = scale · value + shift.
  public struct Calibration: Hashable, Sendable {
    /// The factor applied to the values.
    public var scale: Double
    /// The offset added after scaling.
    public var shift: Double
    /// The best agreement of the tile with any overlapping one, 0…1; near 0, its scale is determined by its
    /// neighbors.
    public var trust: Double

    /// Creates a calibration.
    public init(scale: Double, shift: Double, trust: Double = 1) {
      self.scale = scale
      self.shift = shift
      self.trust = trust
    }

    /// The calibration that changes nothing.
    public static let identity = Calibration(scale: 1, shift: 0)
  }

  /// The calibration of each tile; nil if there is a reference and the tile is not connected to it through
  /// overlaps.
  ///
  /// Without a reference, each connected component of the scene has a geometric mean scale of 1 and a mean offset
  /// of 0.
  public let calibrations: [Calibration?]

  /// Calibrates `count` tiles, numbered from 0.
  public init(tiles count: Int, overlaps: [Overlap]) {
    let reliability = Self.reliability(overlaps)
    let scaleSystem = DifferenceSystem(
      count: count, observations: overlaps.map { Self.scaleObservation($0, reliability) })
    let scales = scaleSystem.solution().map(exponential)
    let (shifts, reference) = Self.shifts(count, overlaps, scales)
    let hasReference = overlaps.contains { $0.second == nil }
    var isAnchored = [Bool](repeating: !hasReference, count: count)
    for component in scaleSystem.components where component.isAnchored {
      for tile in component.members { isAnchored[tile] = true }
    }
    var trust = [Double](repeating: 0, count: count)
    for overlap in overlaps {
      for tile in [overlap.first, overlap.second].compactMap({ $0 }) {
        trust[tile] = max(trust[tile], overlap.fit.trust)
      }
    }
    calibrations = (0..<count).map {
      isAnchored[$0]
        ? Calibration(
          scale: scales[$0] / reference, shift: shifts[$0] / reference, trust: trust[$0])
        : nil
    }
  }

  /// The minimum weight of a scale observation; it ties a flat tile to its neighbors and yields to any tile with
  /// relief.
  private static let minimumWeight = 1e-4
  /// The upper bound of correlations: above it, agreement shows how similar two network outputs are, not how correct.
  private static let maximumCorrelation = 0.97

  /// Returns the observation of a tile's log scale against its neighbor or the reference.
  ///
  /// Neighbors have similar errors, so the observation is the ratio of their spreads. The reference has different
  /// errors, larger ones where it is flat, which would widen its spread. Against it, the observation is therefore
  /// the regression of the reference on the tile, which only the tile's own errors attenuate; it is corrected by
  /// the tiles' reliability, which is the correlation between neighbors. The weight is the inverse variance of a
  /// ratio of spreads, (1 − ρ²)/n, and is reduced for small ρ.
  private static func scaleObservation(
    _ overlap: Overlap, _ reliability: Double
  ) -> DifferenceSystem.Observation {
    let fit = overlap.fit
    let correlation = max(fit.correlation, 0)
    var value = fit.correlation == 0 ? 0 : logarithm(fit.scale)
    if overlap.second == nil, correlation > minimumCorrelation {
      value += min(logarithm(correlation / reliability), 0)
    }
    let bounded = min(correlation, maximumCorrelation)
    let weight = fit.trust * correlation * correlation / (1 - bounded * bounded)
    return DifferenceSystem.Observation(
      first: overlap.first, second: overlap.second, value: value, weight: weight + minimumWeight)
  }

  private static let minimumCorrelation = 0.05

  /// Returns the share of a tile's variance that its neighbor reproduces: the median over all pairs that correlate.
  private static func reliability(_ overlaps: [Overlap]) -> Double {
    let correlated = overlaps.filter { $0.second != nil && $0.fit.correlation > 0.3 }
    return correlated.isEmpty ? 1 : correlated.map(\.fit.correlation).median()
  }

  /// Returns all offsets, and the scale of the reference relative to the tiles.
  ///
  /// A single tile determines the reference's scale poorly if the reference's errors exceed the tile's relief. It
  /// also overestimates it, because only positive correlations are used. Many calibrated tiles determine it better,
  /// so the tiles are first aligned without the reference, and the resulting surface is compared with the reference
  /// as a whole.
  private static func shifts(
    _ count: Int, _ overlaps: [Overlap], _ scales: [Double]
  ) -> (shifts: [Double], reference: Double) {
    let neighbors = overlaps.filter { $0.second != nil }
    let anchored = overlaps.filter { $0.second == nil }
    let unanchored = DifferenceSystem(
      count: count, observations: shiftObservations(neighbors, scales, reference: 1)
    ).solution()
    guard !anchored.isEmpty else { return (unanchored, 1) }
    let heights = anchored.map { Float(scales[$0.first] * $0.fit.mean + unanchored[$0.first]) }
    let fit = AffineFit(of: anchored.map { Float($0.fit.referenceMean) }, to: heights)
    let reference =
      fit.map { exponential(share($0, of: anchored.count) * logarithm($0.scale)) } ?? 1
    let shifts = DifferenceSystem(
      count: count, observations: shiftObservations(overlaps, scales, reference: reference)
    ).solution(from: unanchored)
    return (shifts, reference)
  }

  /// Returns how much of the scale between the whole surface and the reference is applied, 0…1.
  ///
  /// It is close to 1 for many tiles with any agreement, and small for few tiles.
  private static func share(_ fit: AffineFit, of tiles: Int) -> Double {
    let correlation = max(fit.correlation, 0)
    return min(1, 2 * correlation * correlation) * Double(tiles) / Double(tiles + 50)
  }

  /// Returns the observations of all offsets against neighbors or the reference, from means under the given scales.
  ///
  /// Each is weighted by the inverse variance of the difference under these scales, limited to 100 times the median
  /// weight.
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
