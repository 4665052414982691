import Fusion
import Grids
import Surfaces

/// How strongly the detail of each surface is added, and what the tests of the sources say, region by region.
///
/// The result of a region has three numbers for each source's test, and then the gains of each surface in the blocks of
/// the region, `[surface][row, column]`.
struct AnchorGainsStage: Stage {
  let anchor: AnchorPlan
  let name = StageName.anchorGains
  let inputs = [StageName.anchorCells]
  let tasks: [TileIndex]
  let result: StageResult
  let load: StageLoad

  init(_ anchor: AnchorPlan) {
    self.anchor = anchor
    let regions = anchor.regions
    tasks = regions.tiles(overlapping: regions.scene)
    result = .numbers(
      OctaveTest.numberCount * anchor.sources.count
        + anchor.surfaceCount * regions.tilePixelCount)
    let side = regions.tileWidth * GainLattice.blockSide
    load = .block(bytes: side * side * 48 * (1 + anchor.surfaceCount))
  }

  func work(in context: RunContext) throws -> StageWork {
    let stored = StoredCells(anchor: anchor, store: context.store)
    return { [anchor] region, _ in
      let window = anchor.cells(ofRegion: region)
      let cells = Grid(width: window.width, height: window.height)
      let planes = try stored.planes(0..<1 + anchor.surfaceCount, in: window)
      guard planes[0].contains(where: { !$0.isNaN }) else { return .nothing("no reference") }
      let known = planes.map { Resampling.filled($0, on: cells) }
      var first = 1
      let sources = anchor.sources.map { source in
        defer { first += source.count }
        return DetailSource(source.name, Array(known[first..<first + source.count]))
      }
      let strength = DetailStrength(known[0], from: sources, on: cells)
      return .numbers(
        strength.testNumbers(of: anchor.sources.count)
          + strength.gains.flatMap {
            Self.extended($0, strength.blocks, to: anchor.regions.window(of: region))
          })
    }
  }

  /// Repeats the last gains to the far edges of a region.
  private static func extended(_ gains: [Float], _ blocks: Grid, to window: Window) -> [Double] {
    (0..<window.height).flatMap { row in
      let start = min(row, blocks.height - 1) * blocks.width
      return (0..<window.width).map { Double(gains[start + min($0, blocks.width - 1)]) }
    }
  }
}

extension OctaveTest {
  /// The numbers that describe a test.
  static let numberCount = 3
}

extension DetailStrength {
  /// The tests as numbers; zeros for sources that were not tested.
  func testNumbers(of count: Int) -> [Double] {
    let numbers = tests.flatMap { [$0.score, $0.surelyAbove, $0.factor] }
    return numbers + Array(repeating: 0, count: OctaveTest.numberCount * count - numbers.count)
  }
}

/// What `AnchorGainsStage` stored.
struct StoredGains: Sendable {
  let anchor: AnchorPlan
  let store: RunStore

  /// Returns the gains around a window of cells, blended where regions overlap.
  func lattice(around cells: Window) throws -> GainLattice {
    let (regions, side) = (anchor.regions, GainLattice.blockSide)
    let first = (row: cells.row / side, column: cells.column / side)
    let window = Window(
      column: first.column, row: first.row,
      width: (cells.columns.upperBound + side - 1) / side - first.column,
      height: (cells.rows.upperBound + side - 1) / side - first.row
    ).padded(columns: 1, rows: 1).intersection(regions.scene)
    var mosaics = [Mosaic](
      repeating: Mosaic(over: window, feather: Feather(regions)), count: anchor.surfaceCount)
    let size = regions.tilePixelCount
    for region in regions.tiles(overlapping: window) {
      guard try store.state(of: region, in: .anchorGains) == .done else { continue }
      let numbers = try store.doubles(of: region, in: .anchorGains)
      for surface in mosaics.indices {
        let start = OctaveTest.numberCount * anchor.sources.count + surface * size
        mosaics[surface].add(numbers[start..<start + size].map { Float($0) }, of: region)
      }
    }
    return GainLattice(
      mosaics.map { $0.finish().map { $0.isNaN ? 0 : $0 } }, over: window,
      origin: (cells.row, cells.column))
  }

  /// Returns the tests of each source in all regions that were tested, `[source][region]`.
  func tests() throws -> [[OctaveTest]] {
    var tests = [[OctaveTest]](repeating: [], count: anchor.sources.count)
    guard anchor.hasDetail else { return tests }
    for region in anchor.regions.tiles(overlapping: anchor.regions.scene) {
      guard try store.state(of: region, in: .anchorGains) == .done else { continue }
      let numbers = try store.doubles(of: region, in: .anchorGains)
      for source in tests.indices {
        let start = OctaveTest.numberCount * source
        tests[source].append(
          OctaveTest(
            score: numbers[start], surelyAbove: numbers[start + 1], factor: numbers[start + 2]))
      }
    }
    return tests
  }
}
