import Foundation
import Tensors

extension Tensor {
  /// Returns sinusoidal embeddings of the steps: `[steps, channels]`.
  ///
  /// Each row is cos(t·ω) followed by sin(t·ω) for the step t, with ω decreasing from 1 towards 1/10000.
  /// Source: Vaswani et al., arXiv:1706.03762, §3.5, in the order of Nichol & Dhariwal.
  static func sinusoids(steps: Int, channels: Int) -> Tensor {
    let half = channels / 2
    return Tensor(
      [steps, 2 * half],
      (0..<steps).flatMap { step in
        let angles = (0..<half).map {
          Double(step) * exp(-log(10_000) * Double($0) / Double(half))
        }
        return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
      })
  }
}

/// Returns eˣ; for small arrays, where a kernel is not worthwhile.
func exponential(_ x: Float) -> Float { Float(exp(Double(x))) }

/// Learned position embeddings on a square grid, and the class token, which precedes all patches.
struct PositionEmbedding: Sendable {
  /// The class token with its position embedding already added: `[1, 1, width]`.
  let classToken: Tensor
  /// The position embeddings of the patches: `[1, row, column, width]`.
  let grid: Tensor

  /// Loads `cls_token` `[1, 1, width]` and `pos_embed` `[1, 1 + side², width]`, the class token's position first.
  init(_ weights: Weights, side: Int, width: Int) throws {
    let positions = try weights.tensor("pos_embed", [1, 1 + side * side, width])
    let first = positions.elements(0..<width, [1, 1, width])
    classToken = try weights.tensor("cls_token", [1, 1, width]) + first
    grid = positions.elements(width..<positions.shape.count, [1, side, side, width])
  }

  /// Maps patches `[1, row, column, width]` to tokens `[1, 1 + row · column, width]`.
  ///
  /// The grid of positions is resampled to the size of the map.
  func callAsFunction(_ map: Tensor) -> Tensor {
    let (_, rows, columns, width) = map.shape.image
    let positioned = map + grid.resampled(rows: rows, columns: columns, aligning: .edges)
    return .concatenated([classToken, positioned], [1, 1 + rows * columns, width])
  }
}
