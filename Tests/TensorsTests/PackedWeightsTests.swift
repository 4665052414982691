import Tensors
import Testing

@Suite struct PackedWeightsTests {
  @Test(arguments: [
    [1, 1], [16, 32], [17, 33], [5, 100], [3, 3, 16, 32], [3, 3, 3, 1], [7, 7, 3, 40],
    [2, 3, 5, 65],
  ])
  func `packing is lossless`(shape: [Int]) {
    let weights = Tensor.random(Shape(shape), seed: 1)
    let packed = PackedWeights(weights)
    #expect(packed.unpacked == weights)
    #expect(Parallel.$workers.withValue(3) { PackedWeights(weights) } == packed)
  }
}
