import Pairs
import Training
import Scenes
import Tensors
import Testing

@Suite struct CrossFittingTests {
  private func pairs(_ count: Int, sites: Int? = nil) -> [Pair] {
    (0..<count).map { i in
      var pair = Pair(name: "tile \(i)", image: "\(i).tif", dem: "\(i)-dem.tif")
      pair.site = sites.map { "site \(i * i % $0)" }
      return pair
    }
  }

  private func sizes(_ fitting: CrossFitting) -> [Int] {
    (1...fitting.count).map { fitting.predicted(by: $0).count }
  }

  @Test(arguments: [(5, 5), (2, 7), (5, 23), (3, 100), (5, 2350), (10, 1009)])
  func `each pair is predicted once, by a network that it was held out from`(folds: Int, count: Int)
    throws
  {
    let fitting = try CrossFitting(pairs(count), folds: folds)
    let predicted = (1...folds).flatMap(fitting.predicted)
    #expect(predicted.sorted() == Array(0..<count))
    for fold in 1...folds {
      let (seen, unseen) = (fitting.seen(by: fold), fitting.predicted(by: fold))
      #expect(Set(seen).isDisjoint(with: unseen) && seen.count + unseen.count == count)
    }
    let sizes = sizes(fitting)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1, "\(sizes)")
  }

  @Test func `the draw depends on the seed and not on the order of the pairs`() throws {
    let all = pairs(40, sites: 13)
    for unit in CrossFitting.Unit.allCases {
      let fitting = try CrossFitting(all, by: unit)
      #expect(try CrossFitting(all, by: unit) == fitting)
      #expect(try CrossFitting(all, by: unit, seed: 43) != fitting)
      let backwards = try CrossFitting(all.reversed(), by: unit)
      #expect(backwards.folds == fitting.folds.reversed())
    }
    // Consecutive pairs of the list do not get consecutive folds.
    #expect(try CrossFitting(all).folds.prefix(5) != [1, 2, 3, 4, 5])
  }

  @Test func `given folds are kept, and the other pairs balance the sizes`() throws {
    var all = pairs(50)
    for i in 0..<9 { all[i * 5].fold = 2 }
    all[1].fold = 5
    let fitting = try CrossFitting(all)
    for (pair, fold) in zip(all, fitting.folds) where pair.fold != nil {
      #expect(pair.fold == fold)
    }
    #expect(sizes(fitting) == [10, 10, 10, 10, 10])
    // If all folds are given, as in RS3DBench, nothing is drawn.
    for i in all.indices { all[i].fold = 1 + i % 3 }
    #expect(try CrossFitting(all, folds: 3).folds == all.compactMap(\.fold))
  }

  @Test(arguments: [0, 1, 2, 3] as [UInt64])
  func `whole sites stay together`(seed: UInt64) throws {
    var all = pairs(120, sites: 31)
    let largest = Dictionary(grouping: all, by: \.site).values.map(\.count).max() ?? 0
    let fitting = try CrossFitting(all, by: .site, seed: seed)
    let bySite = Dictionary(grouping: all.indices) { all[$0].site ?? "" }
    for members in bySite.values { #expect(Set(members.map { fitting.folds[$0] }).count == 1) }
    // The last site added to the largest fold was added while that fold was the smallest.
    let sizes = sizes(fitting)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= largest, "\(sizes)")
    // A fold given for one pair applies to its whole site.
    all[4].fold = 3
    let given = try CrossFitting(all, by: .site, seed: seed)
    #expect(bySite[all[4].site ?? ""]?.allSatisfy { given.folds[$0] == 3 } == true)
  }

  /// Small sites balance a large one, whatever the order of the draw.
  @Test(arguments: [0, 1, 2, 3] as [UInt64])
  func `sites of many sizes fill the folds evenly`(seed: UInt64) throws {
    var all = pairs(40)
    for i in all.indices { all[i].site = i < 8 ? "large" : "small \(i)" }
    #expect(sizes(try CrossFitting(all, by: .site, seed: seed)) == [8, 8, 8, 8, 8])
  }

  @Test func `pairs and sites that cannot be assigned are rejected by name`() throws {
    func message(_ pairs: [Pair], folds: Int = 5, by unit: CrossFitting.Unit = .pair) -> String {
      #expect(throws: SceneError.self) { try CrossFitting(pairs, folds: folds, by: unit) }?
        .message ?? ""
    }
    #expect(message(pairs(4)).contains("4 pairs"))
    #expect(message(pairs(100, sites: 3), by: .site).contains("sites"))
    #expect(message(pairs(9), folds: 1).contains("1 folds"))
    #expect(message(pairs(9), by: .site).contains("tile 3"))
    var all = pairs(9)
    all[2].fold = 6
    #expect(message(all).contains("tile 2 has the fold 6"))
    all = pairs(30, sites: 10)
    (all[1].fold, all[9].fold) = (1, 2)
    #expect(message(all, by: .site).contains("site 1"))
  }
}
