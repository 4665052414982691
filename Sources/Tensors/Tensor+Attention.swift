import CKernels

/// Queries that one worker matches against all keys: their scores are all that is ever held.
///
/// The bits of a result depend on it.
private let queriesPerBlock = 256

extension Tensor {
  /// softmax(q·kᵀ / √depth) · v for each head, in blocks of queries (Vaswani et al., arXiv:1706.03762).
  ///
  /// x is `[batch, token, 3 · width]`: queries, keys and values, each cut into heads of `width / heads`
  /// channels one after the other.
  ///
  /// - Returns: `[batch, token, width]`.
  public func attention(heads: Int) -> Tensor {
    precondition(shape.rank == 3 && shape.channels % (3 * heads) == 0)
    let (batch, tokens, stride) = (shape[0], shape[1], shape[2])
    let width = stride / 3
    let depth = width / heads
    let scale = 1 / Float(depth).squareRoot()
    let blocks = evenParts(tokens, length: queriesPerBlock)
    return Tensor([batch, tokens, width]) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * heads * blocks.count) { index in
        let queries = blocks[index % blocks.count]
        let head = index / blocks.count % heads
        let image = index / blocks.count / heads
        withScratch(queries.count * tokens) { scores in
          scalars.withUnsafeBufferPointer { x in
            let base = x.baseAddress! + image * tokens * stride + head * depth
            BLAS.multiply(
              BLAS.Operand(base + queries.lowerBound * stride, stride: stride),
              BLAS.Operand(base + width, stride: stride, isTransposed: true),
              into: scores, stride: tokens, m: queries.count, n: tokens, k: depth)
            ck_softmax(scores, queries.count, tokens, scale)
            BLAS.multiply(
              BLAS.Operand(scores, stride: tokens),
              BLAS.Operand(base + 2 * width, stride: stride),
              into: output.base + (image * tokens + queries.lowerBound) * width + head * depth,
              stride: width, m: queries.count, n: depth, k: tokens)
          }
        }
      }
    }
  }

  /// The numbers that one worker holds for itself during attention over so many tokens.
  public static func attentionScratchCount(tokens: Int) -> Int {
    min(queriesPerBlock, tokens) * tokens
  }
}
