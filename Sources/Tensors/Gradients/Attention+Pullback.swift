import Glibc

extension Tensor {
  /// The pullback of `attention`: the gradient of `[batch, token, 3 · width]` from that of `[batch, token, width]`.
  ///
  /// Scores are recomputed for blocks of queries of one head: with P = softmax(q·kᵀ/√d), dv = Pᵀ·dy, dP = dy·vᵀ,
  /// dS = P∘(dP − rowsum(dP∘P)), dq = dS·k/√d, and dk = dSᵀ·q/√d. Memory: 256 elements per token and worker.
  func attentionPullback(_ dy: Tensor, heads: Int) -> Tensor {
    let (batch, tokens, stride) = (shape[0], shape[1], shape[2])
    let (width, depth) = (stride / 3, stride / 3 / heads)
    return Tensor(shape) { buffer in
      let output = SharedOutput(buffer)
      parallel(batch * heads) { index in
        let (image, head) = index.quotientAndRemainder(dividingBy: heads)
        let first = image * tokens * stride + head * depth
        scalars.withUnsafeBufferPointer { x in
          dy.scalars.withUnsafeBufferPointer { dy in
            withScratch(2 * AttentionHead.block * tokens) { scratch in
              let head = AttentionHead(
                tokens: tokens, depth: depth, x: x.baseAddress! + first, stride: stride,
                dy: dy.baseAddress! + image * tokens * width + head * depth, width: width)
              for query in Swift.stride(from: 0, to: tokens, by: AttentionHead.block) {
                head.pullBack(
                  query..<min(query + AttentionHead.block, tokens), to: output.base + first,
                  scores: scratch, gradients: scratch + AttentionHead.block * tokens)
              }
            }
          }
        }
      }
    }
  }
}

/// One head of one image: queries, keys, and values are `width` elements apart in rows of `stride` elements.
private struct AttentionHead {
  let tokens: Int
  let depth: Int
  let x: UnsafePointer<Float>
  let stride: Int
  let dy: UnsafePointer<Float>
  let width: Int

  /// The number of queries per block, such that their scores stay in cache.
  static let block = 128

  /// Computes the gradients of some queries and their contributions to the gradients of all keys and values.
  func pullBack(
    _ queries: Range<Int>, to dx: UnsafeMutablePointer<Float>,
    scores p: UnsafeMutablePointer<Float>,
    gradients dp: UnsafeMutablePointer<Float>
  ) {
    let (first, count) = (queries.lowerBound, queries.count)
    let scale = 1 / Float(depth).squareRoot()
    let (q, k, v) = (
      BLAS.Operand(x + first * stride, stride: stride), BLAS.Operand(x + width, stride: stride),
      BLAS.Operand(x + 2 * width, stride: stride)
    )
    let gradient = BLAS.Operand(dy + first * width, stride: width)
    let (scores, scoreGradients) = (
      BLAS.Operand(p, stride: tokens), BLAS.Operand(dp, stride: tokens)
    )
    BLAS.multiplyByTransposed(q, k, into: p, stride: tokens, m: count, n: tokens, k: depth)
    for row in 0..<count { softmax(p + row * tokens, scale: scale) }
    BLAS.multiplyTransposed(
      scores, gradient, into: dx + 2 * width, stride: stride, m: tokens, n: depth, k: count,
      adding: first > 0)
    BLAS.multiplyByTransposed(gradient, v, into: dp, stride: tokens, m: count, n: tokens, k: depth)
    for row in 0..<count {
      let (p, dp) = (p + row * tokens, dp + row * tokens)
      let sum = Float(dot(p, dp))
      for i in 0..<tokens { dp[i] = scale * p[i] * (dp[i] - sum) }
    }
    BLAS.multiply(
      scoreGradients, k, into: dx + first * stride, stride: stride, m: count, n: depth, k: tokens)
    BLAS.multiplyTransposed(
      scoreGradients, q, into: dx + width, stride: stride, m: tokens, n: depth, k: count,
      adding: first > 0)
  }

  /// Returns the dot product, accumulated in eight parallel sums to avoid a dependency chain.
  private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Double {
    let whole = tokens / 8 * 8
    var sums = SIMD8<Double>.zero
    for i in Swift.stride(from: 0, to: whole, by: 8) {
      let x = UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Float>.self)
      let y = UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Float>.self)
      sums += SIMD8<Double>(x) * SIMD8<Double>(y)
    }
    return (whole..<tokens).reduce(sums.sum()) { $0 + Double(a[$1]) * Double(b[$1]) }
  }

  private func softmax(_ row: UnsafeMutablePointer<Float>, scale: Float) {
    var greatest = row[0]
    for i in 1..<max(tokens, 1) { greatest = max(greatest, row[i]) }
    var sum: Double = 0
    for i in 0..<tokens {
      row[i] = expf((row[i] - greatest) * scale)
      sum += Double(row[i])
    }
    let factor = Float(1 / sum)
    for i in 0..<tokens { row[i] *= factor }
  }
}
