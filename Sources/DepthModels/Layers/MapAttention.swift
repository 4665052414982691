import Tensors

/// Self-attention over the positions of a feature map: x + projection(attention(norm(x))).
final class MapAttention: Sendable {
  private let norm: GroupNorm
  private let queriesKeysValues: Linear
  private let projection: Linear
  private let heads: Int

  /// Loads the autoencoder's attention, which has one head and separate tensors for queries, keys and values.
  init(separate weights: Weights, channels: Int, groups: Int, epsilon: Double) throws {
    norm = try GroupNorm(
      weights["group_norm"], channels: channels, groups: groups, epsilon: epsilon)
    let parts = ["to_q", "to_k", "to_v"].map { weights[$0] }
    let rows = try parts.map { try $0.tensor("weight", [channels, channels]) }
    let biases = try parts.map { try $0.tensor("bias", [channels]) }
    queriesKeysValues = Linear(
      matrix: .concatenated(rows, [3 * channels, channels]).transposed(),
      bias: .concatenated(biases, [3 * channels]))
    projection = try Linear(weights["to_out"][0], inputs: channels, outputs: channels)
    heads = 1
  }

  /// Loads the denoiser's attention, which stores queries, keys and values of each head together, head after head.
  init(
    interleaved weights: Weights, channels: Int, heads: Int, groups: Int, epsilon: Double
  ) throws {
    norm = try GroupNorm(weights["norm"], channels: channels, groups: groups, epsilon: epsilon)
    let rows = try weights["qkv"].tensor("weight", [3 * channels, channels, 1])
    let bias = try weights["qkv"].tensor("bias", [3 * channels])
    // Reordered to all queries, then all keys, then all values, each head after head.
    let depth = channels / heads
    let order = (0..<3 * channels).map { row in
      let (part, channel) = row.quotientAndRemainder(dividingBy: channels)
      let (head, place) = channel.quotientAndRemainder(dividingBy: depth)
      return (head * 3 + part) * depth + place
    }
    queriesKeysValues = Linear(
      matrix: rows.reshaped([3 * channels, channels]).rows(order).transposed(),
      bias: bias.gathered(order, [3 * channels]))
    let out = try weights["proj_out"].tensor("weight", [channels, channels, 1])
    projection = Linear(
      matrix: out.reshaped([channels, channels]).transposed(),
      bias: try weights["proj_out"].tensor("bias", [channels]))
    self.heads = heads
  }

  /// Maps `[batch, row, column, channel]` to a tensor of the same shape.
  func callAsFunction(_ x: Tensor) -> Tensor {
    let (batch, rows, columns, channels) = x.shape.image
    let tokens = queriesKeysValues(norm.normalized(x))
      .reshaped([batch, rows * columns, 3 * channels])
      .attention(heads: heads)
      .reshaped(x.shape)
    return projection(tokens, adding: x)
  }
}
