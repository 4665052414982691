import Reports
import DepthModels

/// The differences of the paper's metrics between the heights and another surface, over the same images.
public struct PaperComparison: Sendable, Encodable {
  /// The name of the other surface.
  public let other: String
  /// Whether the other surface is an oracle baseline, derived from the reference.
  public let isOracle: Bool
  /// The heights' MAE minus the other's.
  public let mae: Estimate
  /// The heights' LPIPS minus the other's; nil if it was not measured.
  public let lpips: Estimate?

  private enum CodingKeys: CodingKey { case other, isOracle, mae, lpips }

  /// Compares the heights with everything else, with a bootstrap over images.
  ///
  /// - Parameters:
  ///   - scores: The scores over the same images, the heights' first.
  ///   - bootstrap: The bootstrap of the intervals.
  /// - Returns: A comparison for each of the other surfaces.
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
