public import Pairs
import Scenes
import Tensors

/// Assigns pairs to folds, so that each network predicts only pairs that were held out from its training.
///
/// The refiner is trained on coarse maps as they are in inference: of areas that were not in the coarse network's
/// training data (D3-RSMDE, arXiv:2603.16362, with five networks). Pairs that have a fold keep it; the others are drawn
/// so that folds are as even as possible.
public struct CrossFitting: Sendable, Hashable {
  /// What is assigned to folds as a whole.
  public enum Unit: String, Sendable, Hashable, Codable, CaseIterable {
    /// Single pairs: fold sizes differ by at most one pair, if no pair has a fold already.
    case pair
    /// All pairs of a site, so that neighboring areas, which are similar, are held out together.
    case site
  }

  /// The number of folds.
  public let count: Int
  /// The fold of each pair, from 1.
  public let folds: [Int]

  /// Draws a fold for each pair that has none.
  ///
  /// The draw depends on the seed, the names and the sites, and not on the order of the pairs.
  ///
  /// - Parameters:
  ///   - pairs: The training pairs.
  ///   - count: The number of folds, at least 2.
  ///   - unit: What is assigned to folds as a whole.
  ///   - seed: The seed of the draw.
  /// - Throws: `SceneError` naming pairs with an invalid fold or, if sites are drawn, pairs without a site and sites
  ///   with several folds; or if a fold would be empty.
  public init(_ pairs: [Pair], folds count: Int = 5, by unit: Unit = .pair, seed: UInt64 = 42)
    throws
  {
    guard count > 1 else {
      throw SceneError(
        .usage,
        "\(count) folds, expected at least two: each is predicted by a network trained on the others"
      )
    }
    let invalid = pairs.filter { $0.fold.map { !(1...count).contains($0) } ?? false }
    guard invalid.isEmpty else {
      throw SceneError(
        .badData,
        "\(Self.list(invalid.map { "\($0.name) has the fold \($0.fold ?? 0)" })), expected 1 to \(count)"
      )
    }
    let units = try Self.units(of: pairs, by: unit)
    var sizes = [Int](repeating: 0, count: count)
    var folds = [Int](repeating: 0, count: pairs.count)
    func put(_ unit: DrawnUnit, in fold: Int) {
      for pair in unit.pairs { folds[pair] = fold }
      sizes[fold - 1] += unit.pairs.count
    }
    for unit in units { if let fold = unit.fold { put(unit, in: fold) } }
    var generator = SplitMix64(seed: seed)
    let shuffled = units.filter { $0.fold == nil }.shuffled(using: &generator)
    // The largest units first, each into the smallest fold, as in `SpatialSplit`.
    let drawn = shuffled.enumerated().sorted {
      ($1.element.pairs.count, $0.offset) < ($0.element.pairs.count, $1.offset)
    }
    for (_, unit) in drawn {
      put(unit, in: 1 + (sizes.indices.min { sizes[$0] < sizes[$1] } ?? 0))
    }
    guard let smallest = sizes.min(), smallest > 0 else {
      let what = unit == .site ? "sites" : "pairs"
      throw SceneError(
        .badData,
        "fold \(1 + (sizes.firstIndex(of: 0) ?? 0)) of \(count) has no pair: "
          + "there are \(units.count) \(what), expected at least one for each fold")
    }
    (self.count, self.folds) = (count, folds)
  }

  /// Returns the indices of the pairs that are held out from a fold's network and predicted by it.
  public func predicted(by fold: Int) -> [Int] {
    precondition((1...count).contains(fold), "fold \(fold) of \(count)")
    return folds.indices.filter { folds[$0] == fold }
  }

  /// Returns the indices of the pairs that a fold's network is trained on.
  public func seen(by fold: Int) -> [Int] {
    precondition((1...count).contains(fold), "fold \(fold) of \(count)")
    return folds.indices.filter { folds[$0] != fold }
  }

  /// Pairs that share a fold.
  private struct DrawnUnit {
    var pairs: [Int]
    var fold: Int?
  }

  /// Returns the units in an order that does not depend on the order of the pairs.
  private static func units(of pairs: [Pair], by unit: Unit) throws -> [DrawnUnit] {
    guard unit == .site else {
      return pairs.indices.sorted { pairs[$0].name < pairs[$1].name }.map {
        DrawnUnit(pairs: [$0], fold: pairs[$0].fold)
      }
    }
    let withoutSite = pairs.filter { $0.site == nil }.map(\.name)
    guard withoutSite.isEmpty else {
      throw SceneError(
        .badData, "pairs without a site, expected one for each pair: \(list(withoutSite))")
    }
    let sites = Dictionary(grouping: pairs.indices) { pairs[$0].site ?? "" }
    let splitSites = sites.filter { Set($0.value.compactMap { pairs[$0].fold }).count > 1 }.keys
      .sorted()
    guard splitSites.isEmpty else {
      throw SceneError(
        .badData,
        "sites with pairs in several folds, expected one fold per site: \(list(splitSites))")
    }
    return sites.sorted { $0.key < $1.key }.map { _, members in
      DrawnUnit(pairs: members, fold: members.lazy.compactMap { pairs[$0].fold }.first)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }
}
