import Foundation
import Tensors

extension Tensor {
  /// cos(t·ω) and then sin(t·ω) for each step t, with ω falling from 1 towards 1/10000: `[steps, channels]`.
  ///
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

/// For the few numbers that are no work for a kernel.
func exponential(_ x: Float) -> Float { Float(exp(Double(x))) }

/// A learned vector for each place of a square grid, and the class token that goes before all patches.
struct PositionEmbedding: Sendable {
  /// `[1, 1, width]`: the class token with its own position already added.
  let classToken: Tensor
  /// `[1, row, column, width]`.
  let grid: Tensor

  /// From `cls_token` `[1, 1, width]` and `pos_embed` `[1, 1 + side², width]`, the class token's position first.
  init(_ weights: Weights, side: Int, width: Int) throws {
    let positions = try weights.tensor("pos_embed", [1, 1 + side * side, width])
    let first = positions.elements(0..<width, [1, 1, width])
    classToken = try weights.tensor("cls_token", [1, 1, width]) + first
    grid = positions.elements(width..<positions.shape.count, [1, side, side, width])
  }

  /// `[1, row, column, width]` → `[1, 1 + row · column, width]`, the grid resampled to the map's size.
  func callAsFunction(_ map: Tensor) -> Tensor {
    let (_, rows, columns, width) = map.shape.image
    let positioned = map + grid.resampled(rows: rows, columns: columns, aligning: .edges)
    return .concatenated([classToken, positioned], [1, 1 + rows * columns, width])
  }
}
