import Tensors

/// Multi-head self-attention with a residual: residual + projection(attention(x)).
final class Attention: Sendable {
  let queriesKeysValues: Linear
  let projection: Linear
  let heads: Int

  init(_ weights: Weights, width: Int, heads: Int) throws {
    queriesKeysValues = try Linear(weights["qkv"], inputs: width, outputs: 3 * width)
    projection = try Linear(weights["proj"], inputs: width, outputs: width)
    self.heads = heads
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    projection(queriesKeysValues(x).attention(heads: heads), adding: residual)
  }
}
