import CKernels

extension Tensor {
  /// Multi-head attention: softmax(q·kᵀ / √depth) · v for each head (Vaswani et al., arXiv:1706.03762).
  ///
  /// The input is `[batch, token, 3 · width]`: queries, keys, and values, each divided into consecutive heads of
  /// `width / heads` channels. Only the scores of 48 queries and 256 keys are stored at a time, for any number of
  /// tokens. The error is below 3e-6 of the result's scale.
  ///
  /// - Returns: The result, `[batch, token, width]`.
  public func attention(heads: Int) -> Tensor {
    precondition(shape.rank == 3 && shape.channels % (3 * heads) == 0)
    let (batch, tokens, stride) = (shape[0], shape[1], shape[2])
    let sizes = AttentionPanels(tokens: tokens, depth: stride / 3 / heads)
    let result = LayerTimes.timed(
      .attention, "\(tokens) tokens, \(heads) × \(sizes.depth)",
      operations: 4 * Double(batch * tokens) * Double(tokens * stride / 3)
    ) {
      Tensor([batch, tokens, stride / 3]) { buffer in
        withScratch(batch * heads * (sizes.keyCount + sizes.valueCount)) { scratch in
          attend(heads: heads, sizes, packed: SharedOutput(scratch), into: SharedOutput(buffer))
        }
      }
    }
    let x = untracked
    return result.recorded(from: [self]) { dy, _ in [x.attentionPullback(dy, heads: heads)] }
  }

  private func attend(
    heads: Int, _ sizes: AttentionPanels, packed: SharedOutput, into output: SharedOutput
  ) {
    let (tokens, stride, depth) = (shape[1], shape[2], sizes.depth)
    let width = stride / 3
    let parts = evenParts(tokens, length: Int(CK_ATTENTION_QUERIES))
    let size = sizes.keyCount + sizes.valueCount
    parallel(shape[0] * heads * sizes.keyPanels) { index in
      let (head, panel) = index.quotientAndRemainder(dividingBy: sizes.keyPanels)
      scalars.withUnsafeBufferPointer { x in
        let base = x.baseAddress! + head / heads * tokens * stride + head % heads * depth
        sizes.pack(panel, of: base + width, base + 2 * width, stride, to: packed.base + head * size)
      }
    }
    parallel(shape[0] * heads * parts.count) { index in
      let (head, part) = index.quotientAndRemainder(dividingBy: parts.count)
      let image = head / heads
      let keys = packed.base + head * size
      scalars.withUnsafeBufferPointer { x in
        let base = x.baseAddress! + image * tokens * stride + head % heads * depth
        withScratch(sizes.queryScratch) { scratch in
          let queries = parts[part]
          ck_attention(
            output.base + (image * tokens + queries.lowerBound) * width + head % heads * depth,
            width, base + queries.lowerBound * stride, stride, queries.count, keys,
            keys + sizes.keyCount, tokens, depth, 1 / Float(depth).squareRoot(), scratch)
        }
      }
    }
  }

  /// Returns the number of elements that attention allocates in addition to its input and result.
  public static func attentionScratchCount(tokens: Int, width: Int, heads: Int) -> Int {
    let sizes = AttentionPanels(tokens: tokens, depth: width / heads)
    return heads * (sizes.keyCount + sizes.valueCount)
  }
}

/// The layout of the packed keys and values of one head.
private struct AttentionPanels {
  let tokens: Int
  let depth: Int

  var keyPanels: Int { Panels.count(tokens, of: Panels.columns) }
  private var valuePanels: Int { Panels.count(depth, of: Panels.columns) }
  private var wholeDepth: Int { Panels.depth(depth) }
  var keyCount: Int { keyPanels * wholeDepth * Panels.columns }
  var valueCount: Int { valuePanels * keyPanels * Panels.columns * Panels.columns }
  var queryScratch: Int { Int(CK_ATTENTION_QUERIES) * (wholeDepth + valuePanels * Panels.columns) }

  /// Packs one panel of tokens.
  func pack(
    _ panel: Int, of keys: UnsafePointer<Float>, _ values: UnsafePointer<Float>, _ stride: Int,
    to packed: UnsafeMutablePointer<Float>
  ) {
    let first = panel * Panels.columns
    let count = min(Panels.columns, tokens - first)
    ck_attention_keys(
      packed + panel * wholeDepth * Panels.columns, keys + first * stride, stride, count, depth)
    for part in 0..<valuePanels {
      ck_attention_values(
        packed + keyCount + (part * keyPanels + panel) * Panels.columns * Panels.columns,
        values + first * stride + part * Panels.columns, stride, count,
        min(Panels.columns, depth - part * Panels.columns))
    }
  }
}
