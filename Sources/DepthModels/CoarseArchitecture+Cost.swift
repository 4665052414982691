import Tensors

extension CoarseArchitecture {
  /// The number of additions and multiplications in all matrix products for an image.
  ///
  /// All other operations together are less than 1 % of it.
  package func operationCount(rows: Int, columns: Int) -> Double {
    func convolution(at reduction: Int, size: Int, _ inputs: Int, _ outputs: Int) -> Int {
      2 * (rows / reduction) * (columns / reduction) * size * size * inputs * outputs
    }
    var total = 0
    switch backbone {
    case .plain(let plain):
      total += convolution(at: plain.patch, size: plain.patch, 3, width)
    case .hybrid(let hybrid):
      total += convolution(at: 2, size: 7, 3, hybrid.stem)
      var inputs = hybrid.stem
      for (stage, (depth, outputs)) in zip(hybrid.depths, hybrid.widths).enumerated() {
        let (reduction, middle) = (4 << stage, outputs / 4)
        for block in 0..<depth {
          let isReduced = block > 0 || stage == 0
          total += convolution(
            at: isReduced ? reduction : reduction / 2, size: 1, inputs, middle)
          total += convolution(at: reduction, size: 3, middle, middle)
          total += convolution(at: reduction, size: 1, middle, outputs)
          if block == 0 { total += convolution(at: reduction, size: 1, inputs, outputs) }
          inputs = outputs
        }
      }
      total += convolution(at: 16, size: 1, inputs, width)
    }

    let tokens = 1 + rows / 16 * (columns / 16)
    let perBlock = 2 * tokens * width * (4 * width + 2 * hidden) + 4 * tokens * tokens * width
    total += perBlock * ((hooks.last ?? -1) + 1)

    for tap in (isHybrid ? 2 : 0)..<4 {
      total += convolution(at: 16, size: 1, width, width + neck[tap])
      switch tap {
      case 0: total += convolution(at: 4, size: 1, neck[tap], neck[tap])
      case 1: total += convolution(at: 8, size: 1, neck[tap], neck[tap])
      case 2: break
      default: total += convolution(at: 32, size: 3, neck[tap], neck[tap])
      }
    }
    for tap in 0..<4 {
      total += convolution(at: 4 << tap, size: 3, neck[tap], fusion)
      total += convolution(at: 4 << tap, size: 3, fusion, fusion) * (tap == 3 ? 2 : 4)
      total += convolution(at: 4 << tap, size: 1, fusion, fusion)
    }
    total += convolution(at: 2, size: 3, fusion, head[0])
    total += convolution(at: 1, size: 3, head[0], head[1])
    total += convolution(at: 1, size: 1, head[1], 1)
    return Double(total)
  }

  /// The peak memory of the activations, in bytes, for an image processed on `workers` threads.
  ///
  /// This is the largest of the points where most activations are alive, in floats per pixel of the image, plus the
  /// scratch memory of each worker.
  package func peakBytes(rows: Int, columns: Int, workers: Int) -> Int {
    let pixels = Double(rows * columns)
    func at(_ reduction: Int, _ channels: Int) -> Double {
      pixels * Double(channels) / Double(reduction * reduction)
    }
    var candidates = [
      // The finest path projected and resampled, next to the sum that it was computed from.
      at(4, 2 * fusion) + at(2, fusion),
      // The finest tap, the path added to it, their sum, and both convolutions of the first residual unit.
      at(4, 5 * fusion),
      at(2, head[0] + fusion),
      at(2, head[0]) + at(1, head[0]),
      at(1, head[0] + head[1]),
      at(1, head[1] + 1),
    ]
    var held = at(4, isHybrid ? 0 : fusion) + at(8, isHybrid ? 0 : fusion)
    if case .hybrid(let hybrid) = backbone {
      let widths = hybrid.widths
      candidates.append(at(2, hybrid.stem) + at(4, hybrid.stem))
      candidates.append(at(4, hybrid.stem + 2 * widths[0] + widths[0] / 4))
      candidates.append(
        at(4, widths[0]) + at(8, 2 * widths[1] + widths[1] / 4) + at(4, widths[1] / 4))
      candidates.append(at(4, widths[0] + fusion) + at(8, widths[1]))
      held = at(4, fusion) + at(8, fusion) + at(16, widths[2])
    }
    candidates.append(held + at(16, 4 * width + hidden))
    candidates.append(held + at(16, 6 * width))
    if !isHybrid {
      candidates.append(held + at(4, 2 * neck[0]) + at(16, 2 * width))
    }
    let image = normalization == .raw255 ? 0 : at(1, 3)
    let floats = Double(MemoryLayout<Float>.size)
    let activations = ((candidates.max() ?? 0) + image) * floats
    // The allocator maps blocks above 32 MB individually and keeps freed space of smaller ones for reuse.
    let kept = min(0.3 * activations, 42e6)
    let filters = Tensor.convolutionFilterCount(inputs: neck.max() ?? 0, outputs: fusion)
    let packed = Tensor.attentionScratchCount(
      tokens: 1 + rows / 16 * (columns / 16), width: width, heads: heads)
    let scratch =
      Double(workers * scratchCount(rows: rows, columns: columns) + max(filters, packed)) * floats
    return Int(activations + kept + scratch)
  }

  /// The scratch memory of one worker, in floats: one block of rows or Winograd tiles of a convolution.
  private func scratchCount(rows: Int, columns: Int) -> Int {
    max(
      Tensor.convolutionScratchCount(columns: columns, channels: head[0]),
      Tensor.convolutionScratchCount(columns: columns / 4, channels: fusion))
  }
}
