import Scenes
import Tensors

/// Which pairs each of several networks is trained on, and which it predicts, so that none predicts what it has seen.
///
/// The refiner learns from coarse heights as they will be: those of ground that the coarse network does not know
/// (D3-RSMDE, arXiv:2603.16362, with five networks). A fold that a pair has already stays; the others are drawn, so that
/// folds are as even as those allow.
public struct CrossFitting: Sendable, Hashable {
  /// What is drawn as a whole.
  public enum Unit: String, Sendable, Hashable, Codable, CaseIterable {
    /// Each pair for itself: folds differ by one pair at most, if none was given.
    case pair
    /// All pairs of a site: neighbours are alike, and the network has not seen the ground next door either.
    case site
  }

  /// How many folds there are.
  public let count: Int
  /// The fold of each pair, from 1.
  public let folds: [Int]

  /// Draws a fold for each pair that has none.
  ///
  /// The draw follows from seed, names and sites; the order of the pairs does not matter.
  ///
  /// - Parameters:
  ///   - pairs: Those for training.
  ///   - count: Of folds, 2 at least.
  ///   - unit: What is drawn as a whole.
  ///   - seed: Of the draw.
  /// - Throws: `SceneError` naming pairs whose fold is not one of these, without a site where sites are drawn, or of a site
  ///   with several folds; or if a fold stays empty.
  public init(_ pairs: [Pair], folds count: Int = 5, by unit: Unit = .pair, seed: UInt64 = 42)
    throws
  {
    guard count > 1 else {
      throw SceneError(
        .usage, "\(count) folds, expected two at least: one predicts what others see")
    }
    let odd = pairs.filter { $0.fold.map { !(1...count).contains($0) } ?? false }
    guard odd.isEmpty else {
      throw SceneError(
        .badData,
        "\(Self.list(odd.map { "\($0.name) has the fold \($0.fold ?? 0)" })), expected 1 to \(count)"
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
    // Large ones first, each for the smallest fold, as in `SpatialSplit`.
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
          + "there are \(units.count) \(what), expected one for each fold at least")
    }
    (self.count, self.folds) = (count, folds)
  }

  /// The indices of the pairs that the network of a fold does not see, and predicts.
  public func predicted(by fold: Int) -> [Int] {
    precondition((1...count).contains(fold), "fold \(fold) of \(count)")
    return folds.indices.filter { folds[$0] == fold }
  }

  /// The indices of the pairs that the network of a fold is trained on: all others.
  public func seen(by fold: Int) -> [Int] {
    precondition((1...count).contains(fold), "fold \(fold) of \(count)")
    return folds.indices.filter { folds[$0] != fold }
  }

  /// Pairs that have one fold.
  private struct DrawnUnit {
    var pairs: [Int]
    var fold: Int?
  }

  /// In an order that does not depend on that of the pairs.
  private static func units(of pairs: [Pair], by unit: Unit) throws -> [DrawnUnit] {
    guard unit == .site else {
      return pairs.indices.sorted { pairs[$0].name < pairs[$1].name }.map {
        DrawnUnit(pairs: [$0], fold: pairs[$0].fold)
      }
    }
    let homeless = pairs.filter { $0.site == nil }.map(\.name)
    guard homeless.isEmpty else {
      throw SceneError(.badData, "pairs without a site: \(list(homeless))")
    }
    let sites = Dictionary(grouping: pairs.indices) { pairs[$0].site ?? "" }
    let torn = sites.filter { Set($0.value.compactMap { pairs[$0].fold }).count > 1 }.keys.sorted()
    guard torn.isEmpty else {
      throw SceneError(
        .badData, "pairs of one site are in several folds, expected in one: \(list(torn))")
    }
    return sites.sorted { $0.key < $1.key }.map { _, members in
      DrawnUnit(pairs: members, fold: members.lazy.compactMap { pairs[$0].fold }.first)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(10).joined(separator: ", ") + (names.count > 10 ? ", …" : "")
  }
}
