import DepthModels

/// The paper's metrics of the heights less those of another surface, over the same images.
public struct PaperComparison: Sendable, Encodable {
  public let other: String
  /// Whether the other is made of the truth.
  public let isOracle: Bool
  public let mae: Estimate
  /// Nil where it was not measured.
  public let lpips: Estimate?

  private enum CodingKeys: CodingKey { case other, isOracle, mae, lpips }

  /// The heights against all else, over images that are drawn with replacement.
  ///
  /// - Parameters:
  ///   - scores: The heights' first, all of the same images.
  ///   - bootstrap: For ranges.
  /// - Returns: One for each of the others.
  static func of(_ scores: [PaperScore], _ bootstrap: BlockBootstrap) -> [PaperComparison] {
    guard let own = scores.first, own.name == "heights" else { return [] }
    return scores.dropFirst().map { other in
      func less(_ value: (PaperMetrics) -> Double?) -> Estimate? {
        let differences = zip(own.images, other.images).compactMap { ours, theirs in
          value(ours).flatMap { ours in value(theirs).map { ours - $0 } }
        }
        guard differences.count == own.images.count, !differences.isEmpty else { return nil }
        func mean(_ images: some Collection<Int>) -> Double {
          images.reduce(0) { $0 + differences[$1] } / Double(images.count)
        }
        return Estimate(
          value: mean(differences.indices),
          rounds: bootstrap.draws(blocks: differences.count).map(mean), bootstrap)
      }
      guard let mae = less(\.mae) else {
        preconditionFailure("\(own.images.count) images of the heights, \(other.images.count)")
      }
      return PaperComparison(
        other: other.name, isOracle: other.fit == .oracle, mae: mae, lpips: less(\.lpips))
    }
  }
}
