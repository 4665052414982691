import Foundation
import Grids
import Pairs
import Rasters
import Scenes
import TestSupport
import Testing

/// Tests that no area is in more than one split.
@Suite struct SpatialSplitTests {
  /// Creates a sparse image; each `place` is a different location.
  private func image(_ width: Int, _ height: Int, at place: Int = 0) throws -> String {
    try makeRaster(
      width: width, height: height, bands: [], options: ["SPARSE_OK": "TRUE"],
      place: place)
  }

  private func makeRaster(
    width: Int, height: Int, bands: [[Float]], options: [String: String], place: Int
  ) throws -> String {
    let path = memoryPath()
    var dataset = try Dataset(
      creating: path, width: width, height: height, bands: 1, type: "Byte", options: options)
    try dataset.setGeoreferencing(
      Georeferencing(
        geoTransform: GeoTransform([Double(place) * 1e5, 10, 0, 5e6, 0, -10]),
        crs: try CRS("EPSG:32633")))
    try dataset.close()
    return path
  }

  private func list(_ sizes: [(Int, Int)]) throws -> PairList {
    try PairList(
      sizes.enumerated().map { index, size in
        let path = try image(size.0, size.1, at: 1 + index)
        return Pair(name: "p\(index)", image: path, dem: path)
      })
  }

  /// Returns the number of pixels between two windows along the axis where they are farther apart.
  private func gap(_ a: Window, _ b: Window) -> Int {
    max(
      max(a.column, b.column) - min(a.columns.upperBound, b.columns.upperBound),
      max(a.row, b.row) - min(a.rows.upperBound, b.rows.upperBound))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var sizes: [(Int, Int)]
    var side: Int
    var gap: Int
    var seed: UInt64
    var testDescription: String { "\(sizes), side \(side), gap \(gap), seed \(seed)" }
  }

  static let cases: [Case] = [
    Case(sizes: [(2000, 1700)], side: 100, gap: 0, seed: 42),
    Case(sizes: [(2000, 1700)], side: 100, gap: 10, seed: 42),
    Case(sizes: [(2000, 1700)], side: 100, gap: 33, seed: 42),
    Case(sizes: [(1111, 907), (300, 2222)], side: 128, gap: 16, seed: 1),
    Case(sizes: [(1111, 907), (300, 2222)], side: 128, gap: 16, seed: 2),
    Case(sizes: [(640, 640), (90, 640), (50, 50)], side: 64, gap: 21, seed: 3),
  ]

  @Test(arguments: cases)
  func `blocks are disjoint, separated by the gap, and inside the image`(_ test: Case) throws {
    var split = try SpatialSplit()
    split.seed = test.seed
    let result = try list(test.sizes).split(byBlocksOf: test.side, gap: test.gap, split)
    for (_, pairs) in Dictionary(grouping: result.pairs, by: \.image) {
      for (index, a) in pairs.enumerated() {
        let window = try #require(a.window)
        #expect(!window.isEmpty)
        for b in pairs[(index + 1)...] {
          let other = try #require(b.window)
          let apart = gap(window, other)
          #expect(apart >= (a.split == b.split ? 0 : test.gap), "\(window) \(other)")
        }
      }
    }
    for (index, size) in test.sizes.enumerated() {
      let whole = Window(column: 0, row: 0, width: size.0, height: size.1)
      let mine = result.pairs.filter { $0.name.hasPrefix("p\(index)@") }
      #expect(mine.allSatisfy { whole.contains($0.window ?? whole) })
      #expect(!mine.isEmpty)
    }
  }

  @Test(arguments: cases)
  func `fractions are approximately met, and no pixel is lost without a gap`(_ test: Case) throws {
    var split = try SpatialSplit(train: 0.7, validation: 0.15, test: 0.15)
    split.seed = test.seed
    let result = try list(test.sizes).split(byBlocksOf: test.side, gap: test.gap, split)
    let sums = Dictionary(grouping: result.pairs, by: \.split).mapValues { pairs in
      pairs.reduce(0) { $0 + ($1.window?.pixelCount ?? 0) }
    }
    let kept = sums.values.reduce(0, +)
    if test.gap == 0 { #expect(kept == test.sizes.reduce(0) { $0 + $1.0 * $1.1 }) }
    for (kind, share) in [(Pair.Split.train, 0.7), (.validation, 0.15), (.test, 0.15)] {
      // Gaps are cut from training blocks, so wider gaps reduce the training fraction more.
      let slack = 0.02 + 0.6 * Double(test.gap) / Double(test.side)
      #expect(
        abs(Double(sums[kind] ?? 0) / Double(kept) - share) < slack, "\(kind) \(sums) of \(kept)")
    }
  }

  @Test func `the same seed gives the same split, another seed another one`() throws {
    let list = try list([(1500, 1500)])
    var split = try SpatialSplit()
    let first = try list.split(byBlocksOf: 100, gap: 10, split)
    #expect(try list.split(byBlocksOf: 100, gap: 10, split) == first)
    split.seed = 43
    #expect(try list.split(byBlocksOf: 100, gap: 10, split) != first)
  }

  @Test func `images on one grid are cut identically, and other overlaps are refused`() throws {
    let path = try image(900, 800, at: 3)
    let same = try image(900, 800, at: 3)
    let pairs = [
      Pair(name: "July", image: path, dem: path), Pair(name: "May", image: same, dem: path),
    ]
    let result = try PairList(pairs).split(byBlocksOf: 100, gap: 10, SpatialSplit()).pairs
    let july = result.filter { $0.name.hasPrefix("July") }
    let may = result.filter { $0.name.hasPrefix("May") }
    #expect(july.map(\.window) == may.map(\.window) && july.map(\.split) == may.map(\.split))
    let odd = Pair(name: "odd", image: try image(901, 800, at: 3), dem: path)
    let error = try #require(throws: SceneError.self) {
      try PairList([pairs[0], odd]).split(byBlocksOf: 100, gap: 10, SpatialSplit())
    }
    #expect(error.message.contains("odd and July overlap"))
    var (left, right) = (pairs[0], pairs[0])
    left.window = Window(column: 0, row: 0, width: 440, height: 800)
    right.window = Window(column: 449, row: 0, width: 440, height: 800)
    right.name = "right"
    let two = try PairList([left, right])
    #expect(throws: SceneError.self) { try two.split(byBlocksOf: 100, gap: 10, SpatialSplit()) }
    #expect(try two.split(byBlocksOf: 100, gap: 9, SpatialSplit()).pairs.count > 40)
  }

  @Test func `invalid fractions and block sizes are refused`() throws {
    let list = try list([(500, 500)])
    #expect(throws: SceneError.self) { try SpatialSplit(train: 0.8, validation: 0.1, test: 0.2) }
    #expect(throws: SceneError.self) { try SpatialSplit(train: 1.2, validation: -0.1, test: -0.1) }
    for (side, gap) in [(100, 34), (0, 0), (100, -1), (500, 10)] {
      #expect(throws: SceneError.self) {
        try list.split(byBlocksOf: side, gap: gap, SpatialSplit())
      }
    }
  }

  // MARK: Sites

  private func sites(_ counts: [Int]) throws -> PairList {
    let path = try image(10, 10)
    return try PairList(
      counts.enumerated().flatMap { site, count in
        (0..<count).map { index in
          var pair = Pair(name: "\(site)/\(index)", image: path, dem: path)
          pair.site = "site \(site)"
          return pair
        }
      })
  }

  @Test(arguments: [42, 1, 2, 3] as [UInt64])
  func `each site is in one split, and fractions are approximately met`(seed: UInt64) throws {
    var split = try SpatialSplit()
    split.seed = seed
    let list = try sites((0..<60).map { 1 + $0 * 7 % 13 })
    let result = try list.split(bySite: split)
    #expect(result.pairs.map(\.name) == list.pairs.map(\.name))
    for (_, pairs) in Dictionary(grouping: result.pairs, by: \.site) {
      #expect(Set(pairs.map(\.split)).count == 1)
    }
    let counts = Dictionary(grouping: result.pairs, by: \.split).mapValues(\.count)
    let all = Double(result.pairs.count)
    #expect(abs(Double(counts[.train] ?? 0) / all - 0.8) < 0.02)
    #expect(abs(Double(counts[.validation] ?? 0) / all - 0.1) < 0.02)
    #expect(try list.split(bySite: split) == result)
  }

  @Test func `every split gets a site, whatever the sizes`() throws {
    let result = try sites([9, 8, 7]).split(bySite: SpatialSplit())
    #expect(Set(result.pairs.compactMap(\.split)).count == 3)
    #expect(throws: SceneError.self) { try sites([9, 8]).split(bySite: SpatialSplit()) }
    let two = try sites([9, 8]).split(bySite: SpatialSplit(train: 0.9, validation: 0, test: 0.1))
    #expect(Set(two.pairs.compactMap(\.split)) == [.train, .test])
  }

  @Test func `pairs without a site are named`() throws {
    let error = try #require(throws: SceneError.self) {
      try list([(10, 10), (10, 10), (10, 10)]).split(bySite: SpatialSplit())
    }
    #expect(error.message.contains("pairs without a site: p0, p1, p2"))
  }
}
