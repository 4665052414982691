import Glibc

extension Tensor {
  /// The pullback of `attention`: the gradient of `[batch, token, 3 · width]` from that of `[batch, token, width]`.
  ///
  /// Scores are computed again, all of one head at a time: with P = softmax(q·kᵀ/√d), dv = Pᵀ·dy, dP = dy·vᵀ,
  /// dS = P∘(dP − rowsum(dP∘P)), dq = dS·k/√d and dk = dSᵀ·q/√d. Memory: 2 · token² numbers for each worker.
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
            withScratch(2 * tokens * tokens) { scratch in
              let head = AttentionHead(
                tokens: tokens, depth: depth, x: x.baseAddress! + first, stride: stride,
                dy: dy.baseAddress! + image * tokens * width + head * depth, width: width)
              head.pullBack(
                to: output.base + first, scores: scratch, gradients: scratch + tokens * tokens)
            }
          }
        }
      }
    }
  }
}

/// One head of one image: queries, keys and values `width` numbers apart in rows of `stride`.
private struct AttentionHead {
  let tokens: Int
  let depth: Int
  let x: UnsafePointer<Float>
  let stride: Int
  let dy: UnsafePointer<Float>
  let width: Int

  func pullBack(
    to dx: UnsafeMutablePointer<Float>, scores p: UnsafeMutablePointer<Float>,
    gradients dp: UnsafeMutablePointer<Float>
  ) {
    let scale = 1 / Float(depth).squareRoot()
    let (q, k, v) = (
      BLAS.Operand(x, stride: stride), BLAS.Operand(x + width, stride: stride),
      BLAS.Operand(x + 2 * width, stride: stride)
    )
    let gradient = BLAS.Operand(dy, stride: width)
    let (scores, changes) = (BLAS.Operand(p, stride: tokens), BLAS.Operand(dp, stride: tokens))
    BLAS.multiplyByTransposed(q, k, into: p, stride: tokens, m: tokens, n: tokens, k: depth)
    for row in 0..<tokens { softmax(p + row * tokens, scale: scale) }
    BLAS.multiplyTransposed(
      scores, gradient, into: dx + 2 * width, stride: stride, m: tokens, n: depth, k: tokens,
      adding: false)
    BLAS.multiplyByTransposed(gradient, v, into: dp, stride: tokens, m: tokens, n: tokens, k: depth)
    for row in 0..<tokens {
      let (p, dp) = (p + row * tokens, dp + row * tokens)
      var sum: Double = 0
      for i in 0..<tokens { sum += Double(p[i]) * Double(dp[i]) }
      for i in 0..<tokens { dp[i] = scale * p[i] * (dp[i] - Float(sum)) }
    }
    BLAS.multiply(changes, k, into: dx, stride: stride, m: tokens, n: depth, k: tokens)
    BLAS.multiplyTransposed(
      changes, q, into: dx + width, stride: stride, m: tokens, n: depth, k: tokens, adding: false)
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
