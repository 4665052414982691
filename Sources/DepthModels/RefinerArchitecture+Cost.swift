import Tensors

extension RefinerArchitecture {
  /// Returns the number of additions and multiplications in all matrix products for an image.
  ///
  /// - Parameters:
  ///   - rows: The rows of the image, in pixels.
  ///   - columns: The columns of the image, in pixels.
  ///   - evaluations: The number of denoiser evaluations.
  /// - Returns: The count for encoding the coarse map and the image, denoising and decoding.
  package func operationCount(rows: Int, columns: Int, evaluations: Int) -> Double {
    let (rows, columns) = padded(rows, columns)
    let reduction = autoencoder?.reduction ?? 1
    let map = Cost(positions: rows / reduction * (columns / reduction))
    var total = denoiser.operationCount(map) * Double(evaluations)
    if let autoencoder {
      let image = Cost(positions: rows * columns)
      total += 2 * autoencoder.encodingCount(image) + autoencoder.decodingCount(map)
    }
    return total
  }

  /// Returns the size of an image after padding to multiples of `sizeMultiple`.
  func padded(_ rows: Int, _ columns: Int) -> (rows: Int, columns: Int) {
    let multiple = sizeMultiple
    return (
      (rows + multiple - 1) / multiple * multiple, (columns + multiple - 1) / multiple * multiple
    )
  }

  /// Returns the peak memory of the activations, in bytes, for an image processed on `workers` threads.
  func peakBytes(rows: Int, columns: Int, workers: Int) -> Int {
    let (rows, columns) = padded(rows, columns)
    let reduction = autoencoder?.reduction ?? 1
    let positions = Double(rows * columns)
    let latent = denoiser.peakFloats / Double(reduction * reduction)
    let floats = positions * max(latent, autoencoder?.peakFloats ?? 0)
    let columnsOfMap = columns / reduction
    let tokens = rows * columns / (reduction * reduction)
    let scratch = max(
      Tensor.convolutionScratchCount(
        columns: columns, channels: autoencoder?.widths.prefix(2).max() ?? 2 * denoiser.width),
      Tensor.convolutionScratchCount(
        columns: columnsOfMap, channels: 2 * (denoiser.widths.max() ?? 0)))
    let widest = max(autoencoder?.widths.max() ?? 0, denoiser.widths.max() ?? 0)
    let filters = Tensor.convolutionFilterCount(inputs: 2 * widest, outputs: widest)
    let packed = Tensor.attentionScratchCount(tokens: tokens, width: widest, heads: 1)
    return Int(floats + Double(workers * scratch + max(filters, packed)))
      * MemoryLayout<Float>.size
  }
}

/// The number of operations of layers, for a map with a given number of positions.
package struct Cost {
  /// The number of pixels of the map.
  package let positions: Int

  package init(positions: Int) { self.positions = positions }

  /// A convolution with a square kernel.
  func convolution(_ inputs: Int, _ outputs: Int, size: Int = 3) -> Double {
    2 * Double(positions * size * size) * Double(inputs * outputs)
  }

  /// The projections of self-attention and its two products over all pairs of positions.
  func attention(_ channels: Int) -> Double {
    convolution(channels, 4 * channels, size: 1)
      + 4 * Double(positions) * Double(positions) * Double(channels)
  }

  /// A residual block: two convolutions, and the shortcut's projection if the number of channels changes.
  func block(_ inputs: Int, _ outputs: Int) -> Double {
    convolution(inputs, outputs) + convolution(outputs, outputs)
      + (inputs == outputs ? 0 : convolution(inputs, outputs, size: 1))
  }

  /// The same layers at a smaller size.
  func reduced(by factor: Int) -> Cost { Cost(positions: positions / (factor * factor)) }
  /// The same layers at a larger size.
  func enlarged(by factor: Int) -> Cost { Cost(positions: positions * factor * factor) }
}

extension AutoencoderArchitecture {
  /// Operations of the middle, at the coarsest level.
  private func middle(_ cost: Cost) -> Double {
    let width = widths[widths.count - 1]
    return 2 * cost.block(width, width) + cost.attention(width)
  }

  /// Returns the number of operations of the encoder for an image.
  package func encodingCount(_ image: Cost) -> Double {
    var total = image.convolution(3, widths[0])
    var inputs = widths[0]
    for (level, width) in widths.enumerated() {
      let cost = image.reduced(by: 1 << level)
      for _ in 0..<blocksPerLevel {
        total += cost.block(inputs, width)
        inputs = width
      }
      if level < widths.count - 1 {
        total += cost.reduced(by: 2).convolution(width, width)
      } else if attendsCoarsestLevel {
        total += Double(blocksPerLevel) * cost.attention(width)
      }
    }
    let latent = image.reduced(by: reduction)
    return total + middle(latent) + latent.convolution(inputs, 2 * latentChannels)
      + latent.convolution(2 * latentChannels, 2 * latentChannels, size: 1)
  }

  /// Returns the number of operations of the decoder for a latent.
  package func decodingCount(_ latent: Cost) -> Double {
    var inputs = widths[widths.count - 1]
    var total =
      latent.convolution(latentChannels, latentChannels, size: 1)
      + latent.convolution(latentChannels, inputs) + middle(latent)
    for (level, width) in widths.reversed().enumerated() {
      let cost = latent.enlarged(by: 1 << level)
      for _ in 0...blocksPerLevel {
        total += cost.block(inputs, width)
        inputs = width
      }
      if level == 0, attendsCoarsestLevel {
        total += Double(blocksPerLevel + 1) * cost.attention(width)
      }
      if level < widths.count - 1 {
        total += cost.enlarged(by: 2).convolution(width, width)
      }
    }
    return total + latent.enlarged(by: reduction).convolution(inputs, 3)
  }

  /// The peak number of floats alive, per pixel of the image.
  ///
  /// A block holds its input, the residual, and the outputs of two convolutions; a block with few channels also holds
  /// its normalized input. The decoder's first block of a level takes the channels of the coarser level as input.
  var peakFloats: Double {
    widths.indices.map { level in
      let width = widths[level]
      let wider = level + 1 < widths.count ? widths[level + 1] : width
      let normalized = Tensor.foldsNormalization(channels: width) ? 0 : wider
      let floats = normalized + (wider == width ? 3 * width : wider + 2 * width)
      return Double(floats) / Double(1 << (2 * level))
    }.max() ?? 0
  }
}

extension DenoiserArchitecture {
  /// Returns the number of operations of one evaluation for a map.
  package func operationCount(_ map: Cost) -> Double {
    var total = map.convolution(inputs, width) + map.convolution(width, outputs)
    var channels = width
    var skips = [channels]
    for (level, width) in widths.enumerated() {
      let cost = map.reduced(by: 1 << level)
      for _ in 0..<blocksPerLevel {
        total += cost.block(channels, width)
        if attends(at: level) { total += cost.attention(width) }
        channels = width
        skips.append(channels)
      }
      guard level < widths.count - 1 else { continue }
      total += cost.reduced(by: 2).convolution(channels, channels)
      skips.append(channels)
    }
    let bottom = map.reduced(by: sizeMultiple)
    total += 2 * bottom.block(channels, channels) + bottom.attention(channels)
    for (level, width) in widths.enumerated().reversed() {
      let cost = map.reduced(by: 1 << level)
      for _ in 0...blocksPerLevel {
        total += cost.block(channels + skips.removeLast(), width)
        if attends(at: level) { total += cost.attention(width) }
        channels = width
      }
      if level > 0 { total += cost.enlarged(by: 2).convolution(channels, channels) }
    }
    return total
  }

  /// The peak number of floats alive, per position of the map.
  ///
  /// This counts all skip connections, and a block's concatenated input, its normalized form, and its result.
  var peakFloats: Double {
    let kept = widths.enumerated().reduce(0.0) { sum, level in
      sum + Double((blocksPerLevel + 1) * level.element) / Double(1 << (2 * level.offset))
    }
    let blocks = widths.enumerated().map { level, width in
      let coarser = level + 1 < widths.count ? widths[level + 1] : width
      return Double(2 * (coarser + width) + 2 * width) / Double(1 << (2 * level))
    }
    return kept + Double(inputs + 2 * outputs) + (blocks.max() ?? 0)
  }
}
