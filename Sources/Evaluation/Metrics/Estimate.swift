import Reports

/// The value of a metric with its uncertainty.
public struct Estimate: Sendable, Encodable {
  /// The value over all pixels.
  public let value: Double
  /// The 95 % interval of a bootstrap over blocks; nil if there are too few blocks.
  public let interval: ClosedRange<Double>?
  /// The value of each bootstrap round, in the same order for all metrics of a site.
  let rounds: [Double]

  private enum CodingKeys: String, CodingKey { case value, low, high }

  init(value: Double, rounds: [Double], _ bootstrap: BlockBootstrap) {
    self.value = value
    self.rounds = rounds
    interval = bootstrap.range(of: rounds)
  }

  /// Encodes the value and the bounds of the interval.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encodeIfPresent(interval?.lowerBound, forKey: .low)
    try container.encodeIfPresent(interval?.upperBound, forKey: .high)
  }

  /// Returns the difference to another estimate over the same blocks, computed round by round.
  func less(_ other: Estimate, _ bootstrap: BlockBootstrap) -> Estimate {
    Estimate(
      value: value - other.value, rounds: zip(rounds, other.rounds).map { $0 - $1 }, bootstrap)
  }

  /// Returns the mean over sites, each with the same weight; nil if there are none.
  ///
  /// Blocks are drawn independently within each site, so the interval applies to these sites only.
  static func mean(_ sites: [Estimate], _ bootstrap: BlockBootstrap) -> Estimate? {
    guard !sites.isEmpty else { return nil }
    let count = Double(sites.count)
    let length = sites.map(\.rounds.count).min() ?? 0
    return Estimate(
      value: sites.reduce(0) { $0 + $1.value } / count,
      rounds: (0..<length).map { round in sites.reduce(0) { $0 + $1.rounds[round] } / count },
      bootstrap)
  }
}
