import Tensors

extension RefinerArchitecture {
  /// Additions and multiplications of all products for an image that is refined in so many steps.
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

  func padded(_ rows: Int, _ columns: Int) -> (rows: Int, columns: Int) {
    let multiple = sizeMultiple
    return (
      (rows + multiple - 1) / multiple * multiple, (columns + multiple - 1) / multiple * multiple
    )
  }

  /// The most memory that activations take at once, for an image run on so many workers.
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

/// Operations of layers at so many positions.
struct Cost {
  let positions: Int

  func convolution(_ inputs: Int, _ outputs: Int, size: Int = 3) -> Double {
    2 * Double(positions * size * size) * Double(inputs * outputs)
  }

  /// Projections and both products with all others.
  func attention(_ channels: Int) -> Double {
    convolution(channels, 4 * channels, size: 1)
      + 4 * Double(positions) * Double(positions) * Double(channels)
  }

  /// Two convolutions, and the projection beside them where channels change.
  func block(_ inputs: Int, _ outputs: Int) -> Double {
    convolution(inputs, outputs) + convolution(outputs, outputs)
      + (inputs == outputs ? 0 : convolution(inputs, outputs, size: 1))
  }

  func reduced(by factor: Int) -> Cost { Cost(positions: positions / (factor * factor)) }
  func enlarged(by factor: Int) -> Cost { Cost(positions: positions * factor * factor) }
}

extension AutoencoderArchitecture {
  private func middle(_ cost: Cost) -> Double {
    let width = widths[widths.count - 1]
    return 2 * cost.block(width, width) + cost.attention(width)
  }

  func encodingCount(_ image: Cost) -> Double {
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

  func decodingCount(_ latent: Cost) -> Double {
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

  /// Floats for each pixel of the image at the moment when most are alive.
  ///
  /// A block holds its input, what is added to its result, and what two convolutions make of it; narrow ones hold the
  /// input normalised too. The decoder's first block of a level takes the coarser level's channels.
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
  func operationCount(_ map: Cost) -> Double {
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

  /// Floats for each position of the map at the moment when most are alive: all that is kept for the way up, and a
  /// block's joined input, that normalised, and its result.
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
