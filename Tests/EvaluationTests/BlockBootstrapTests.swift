import Reports
import Tensors
import Testing

@Suite struct BlockBootstrapTests {
  @Test func `equal blocks give an interval of zero width`() throws {
    let range = try #require(BlockBootstrap().interval(blocks: 9) { _ in 3.5 })
    #expect(range == 3.5...3.5)
    #expect(BlockBootstrap().interval(blocks: 1) { _ in 3.5 } == nil)
    #expect(BlockBootstrap().interval(blocks: 9) { _ in .nan } == nil)
  }

  /// The mean of n numbers has a standard deviation of σ / √n, and its 95 % interval is ±1.96 of these.
  @Test func `the interval of a mean matches theory`() throws {
    var generator = SplitMix64(seed: 7)
    let values = (0..<400).map { _ in generator.unit() }
    let mean = values.reduce(0, +) / 400
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 399).squareRoot()
    let range = try #require(
      BlockBootstrap().interval(blocks: 400) { $0.reduce(0) { $0 + values[$1] } / 400 })
    let half = 1.96 * deviation / 20
    #expect(abs(range.lowerBound - (mean - half)) < 0.1 * half)
    #expect(abs(range.upperBound - (mean + half)) < 0.1 * half)
  }

  /// About 95 of 100 intervals contain the true mean.
  @Test func `intervals contain the true mean at the nominal rate`() {
    var bootstrap = BlockBootstrap()
    bootstrap.rounds = 400
    let held = (0..<200).count { sample in
      var generator = SplitMix64(seed: UInt64(sample))
      let values = (0..<60).map { _ in generator.unit() }
      let range = bootstrap.interval(blocks: 60) { $0.reduce(0) { $0 + values[$1] } / 60 }
      return range?.contains(0.5) == true
    }
    #expect((180...198).contains(held), "\(held) of 200")
  }

  @Test func `the same seed gives the same interval, another seed another one`() {
    let values = (0..<30).map { Double($0 * 7 % 11) }
    let figure = { (drawn: [Int]) in drawn.reduce(0) { $0 + values[$1] } }
    var other = BlockBootstrap()
    other.seed = 43
    #expect(
      BlockBootstrap().interval(blocks: 30, figure) == BlockBootstrap().interval(blocks: 30, figure)
    )
    #expect(BlockBootstrap().interval(blocks: 30, figure) != other.interval(blocks: 30, figure))
  }
}
