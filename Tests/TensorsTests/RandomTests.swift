import Tensors
import Testing

@Suite struct RandomTests {
  @Test func `SplitMix64 produces its published sequence`() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func `normal numbers have the moments of the normal distribution`() {
    let x = Tensor.randomNormal([100_000], seed: 42).scalars.map(Double.init)
    func moment(_ power: Int) -> Double {
      x.reduce(0) { sum, v in sum + (0..<power).reduce(1) { product, _ in product * v } }
        / Double(x.count)
    }
    // Five standard errors of each moment: √(1, 2, 15, 96 / count).
    #expect(abs(moment(1)) < 0.016)
    #expect(abs(moment(2) - 1) < 0.023)
    #expect(abs(moment(3)) < 0.062)
    #expect(abs(moment(4) - 3) < 0.16)
  }

  @Test func `equal seeds give equal tensors, and different seeds give different ones`() {
    #expect(Tensor.randomNormal([9], seed: 1) == Tensor.randomNormal([9], seed: 1))
    #expect(Tensor.randomNormal([9], seed: 1) != Tensor.randomNormal([9], seed: 2))
  }
}
