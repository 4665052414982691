/// A figure, and where it would lie had other ground been judged.
public struct Estimate: Sendable, Encodable {
  public let value: Double
  /// 95 % of what a bootstrap over blocks of ground gives; nil where there are too few blocks.
  public let interval: ClosedRange<Double>?
  /// What each round of it gave, in the same order for all figures of a site.
  let rounds: [Double]

  private enum CodingKeys: String, CodingKey { case value, low, high }

  init(value: Double, rounds: [Double], _ bootstrap: BlockBootstrap) {
    self.value = value
    self.rounds = rounds
    interval = bootstrap.range(of: rounds)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encodeIfPresent(interval?.lowerBound, forKey: .low)
    try container.encodeIfPresent(interval?.upperBound, forKey: .high)
  }

  /// This less another of the same ground, by the same rounds.
  func less(_ other: Estimate, _ bootstrap: BlockBootstrap) -> Estimate {
    Estimate(
      value: value - other.value, rounds: zip(rounds, other.rounds).map { $0 - $1 }, bootstrap)
  }

  /// The mean over sites, each of which counts once; nil of none.
  ///
  /// Blocks are drawn within each site, by draws of its own, so the range is of the figures of these sites.
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
