import Tensors

extension CoarseArchitecture {
  /// Additions and multiplications of all products for an image; the rest is less than a hundredth.
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

  /// The most memory that activations take at once, for an image run on so many workers.
  ///
  /// The largest of the moments at which most is alive, in floats for each pixel of the image, and what each
  /// worker holds for itself.
  package func peakBytes(rows: Int, columns: Int, workers: Int) -> Int {
    let pixels = Double(rows * columns)
    func at(_ reduction: Int, _ channels: Int) -> Double {
      pixels * Double(channels) / Double(reduction * reduction)
    }
    var moments = [
      // the finest path projected and resampled, beside the sum it came from
      at(4, 2 * fusion) + at(2, fusion),
      // the finest tap, the path to it, their sum, and both convolutions of the first residual unit
      at(4, 5 * fusion),
      at(2, head[0] + fusion),
      at(2, head[0]) + at(1, head[0]),
      at(1, head[0] + head[1]),
      at(1, head[1] + 1),
    ]
    var held = at(4, isHybrid ? 0 : fusion) + at(8, isHybrid ? 0 : fusion)
    if case .hybrid(let hybrid) = backbone {
      let widths = hybrid.widths
      moments.append(at(2, hybrid.stem) + at(4, hybrid.stem))
      moments.append(at(4, hybrid.stem + 2 * widths[0] + widths[0] / 4))
      moments.append(at(4, widths[0]) + at(8, 2 * widths[1] + widths[1] / 4) + at(4, widths[1] / 4))
      moments.append(at(4, widths[0] + fusion) + at(8, widths[1]))
      held = at(4, fusion) + at(8, fusion) + at(16, widths[2])
    }
    moments.append(held + at(16, 4 * width + hidden))
    moments.append(held + at(16, 6 * width))
    if !isHybrid {
      moments.append(held + at(4, 2 * neck[0]) + at(16, 2 * width))
    }
    let image = normalization == .raw255 ? 0 : at(1, 3)
    let floats = Double(MemoryLayout<Float>.size)
    let activations = ((moments.max() ?? 0) + image) * floats
    // The allocator maps blocks above 32 MB one by one and keeps room of smaller ones for later.
    let kept = min(0.3 * activations, 42e6)
    let filters = Tensor.convolutionFilterCount(inputs: neck.max() ?? 0, outputs: fusion)
    let packed = Tensor.attentionScratchCount(
      tokens: 1 + rows / 16 * (columns / 16), width: width, heads: heads)
    let scratch =
      Double(workers * scratchCount(rows: rows, columns: columns) + max(filters, packed)) * floats
    return Int(activations + kept + scratch)
  }

  /// Floats that one worker holds for itself: a block of a convolution's rows or squares.
  private func scratchCount(rows: Int, columns: Int) -> Int {
    max(
      Tensor.convolutionScratchCount(columns: columns, channels: head[0]),
      Tensor.convolutionScratchCount(columns: columns / 4, channels: fusion))
  }
}
