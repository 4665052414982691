package import DepthModels

extension TrainingConfiguration {
  /// Checks the values of a configuration.
  ///
  /// - Throws: `ModelError` naming the key, the value found and what was expected.
  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try card.validate(in: path)
    try data.validate(check, tile: card.tileSize)
    try check.require(
      !data.flips || card.sunAzimuth == 0...360, "data.flips", data.flips,
      "false, because mirroring moves the sun out of card.sunAzimuthInDegrees (\(card.sunAzimuth.lowerBound) to "
        + "\(card.sunAzimuth.upperBound)), or card.sunAzimuthInDegrees from 0 to 360")
    try coarse.architecture.validate(in: path)
    let losses = coarse.losses
    try check.require(
      [losses.hdn, losses.l1, losses.gradientMatching, losses.lpips].isWeights, "coarse.losses",
      losses, "weights of 0 or more, at least one of them above 0")
    try check.require(
      losses.level.map { $0 >= 0 && $0.isFinite } ?? true, "coarse.losses.level",
      losses.level ?? 0, "0 or more")
    try check.require(
      (1...4).contains(losses.hdnLevels), "coarse.losses.hdnLevels", losses.hdnLevels, "1 to 4")
    try check.require(
      coarse.optimization != nil || coarse.start.map { !$0.isPartial } ?? false, "coarse",
      "neither trained nor given complete weights",
      "an optimization, or a start that is not partial")
    try coarse.optimization?.validate(check, "coarse")
    try check.require(
      coarse.optimization != nil || crossFitting == nil, "crossFitting", "present",
      "no crossFitting without coarse.optimization, because the coarse network is not trained")
    try check.require(
      crossFitting.map { (2...100).contains($0.count) } ?? true, "crossFitting.count",
      crossFitting?.count ?? 0, "2 to 100")
    try check.require(
      refiner != nil || autoencoder == nil, "autoencoder", "present",
      "no autoencoder without a refiner, because only the refiner uses it")
    if let autoencoder {
      let losses = autoencoder.losses
      try check.require(
        [losses.l1, losses.lpips, losses.divergence].isWeights, "autoencoder.losses", losses,
        "weights of 0 or more, at least one of them above 0")
      try check.require(
        autoencoder.optimization != nil
          || autoencoder.start.map { !$0.isPartial } ?? false, "autoencoder",
        "neither trained nor given complete weights",
        "an optimization, or a start that is not partial")
      try autoencoder.optimization?.validate(check, "autoencoder")
    }
    guard let refiner else { return }
    let architecture = RefinerArchitecture(
      autoencoder: autoencoder?.architecture, denoiser: refiner.denoiser, blending: refiner.blending
    )
    try architecture.validate(in: path)
    try check.require(
      card.tileSize % architecture.sizeMultiple == 0, "card.tileSize", card.tileSize,
      "a multiple of \(architecture.sizeMultiple), as the refiner requires")
    try check.require(
      (0..<1).contains(refiner.dropout), "refiner.dropout", refiner.dropout,
      "0 or more, less than 1")
    try check.require(
      refiner.ownEstimates.map { (0...1).contains($0) } ?? true, "refiner.ownEstimates",
      refiner.ownEstimates ?? 0, "0 to 1")
    if let decoded = refiner.decoded {
      try check.require(
        [decoded.lpips, decoded.gradientMatching, decoded.slopes].isWeights, "refiner.decoded",
        decoded, "weights of 0 or more, at least one of them above 0")
      try check.require(
        decoded.side == nil || refiner.heightRange == .shared, "refiner.decoded.side",
        decoded.side ?? 0,
        "no side with heightRange own, because the range of a crop differs from the tile's")
      // AlexNet's second pooling layer needs at least 35 pixels.
      let multiple = autoencoder?.architecture.reduction ?? 1
      try check.require(
        decoded.side.map { (35...card.tileSize).contains($0) && $0 % multiple == 0 } ?? true,
        "refiner.decoded.side", decoded.side ?? 0,
        "35 to the tile size, \(card.tileSize) pixels, and a multiple of \(multiple)")
    }
    try refiner.optimization.validate(check, "refiner")
  }
}

extension TrainingData {
  fileprivate func validate(_ check: ManifestCheck, tile: Int) throws(ModelError) {
    try check.require(
      overlap >= 0 && overlap <= tile / 2, "data.overlap", overlap,
      "0 to half of the tile size, \(tile) pixels")
    try check.require(
      validationShare.map { $0 > 0 && $0 < 1 } ?? true, "data.validationShare",
      validationShare ?? 0, "above 0, less than 1")
    try check.require(
      shift >= 0 && shift <= tile, "data.shift", shift, "0 to the tile size, \(tile) pixels")
    try check.require(
      colors.map { (0...1).contains($0) } ?? true, "data.colors", colors ?? 0, "0 to 1")
    try check.require(
      leastValidShare > 0 && leastValidShare <= 1, "data.leastValidShare", leastValidShare,
      "above 0, at most 1")
    try check.require(
      leastRelief >= 0 && leastRelief.isFinite, "data.leastRelief", leastRelief, "0 m or more")
  }
}

extension Optimization {
  fileprivate func validate(_ check: ManifestCheck, _ network: String) throws(ModelError) {
    let name = network + ".optimization"
    try check.requireSizes([epochs, batch], "\(name) [epochs, batch]", count: 2)
    try check.require(
      learningRate > 0 && learningRate.isFinite, "\(name).learningRate", learningRate, "above 0")
    try check.require(
      weightDecay >= 0 && weightDecay * learningRate < 1, "\(name).weightDecay", weightDecay,
      "0 or more, less than 1 / learningRate")
    for (key, beta) in [("beta1", beta1), ("beta2", beta2)] {
      try check.require((0..<1).contains(beta), "\(name).\(key)", beta, "0 or more, less than 1")
    }
    try check.require(epsilon > 0, "\(name).epsilon", epsilon, "above 0")
    try check.require(
      clipping.map { $0 > 0 } ?? true, "\(name).clipping", clipping ?? 0, "above 0")
    try check.require(
      averageDecay.map { (0..<1).contains($0) } ?? true, "\(name).averageDecay", averageDecay ?? 0,
      "0 or more, less than 1")
    try check.require(
      checkpointSeconds >= 0, "\(name).checkpointSeconds", checkpointSeconds, "0 or more")
    switch schedule {
    case .constant: break
    case .plateau(let patience, let factor):
      try check.require(patience > 0, "\(name).schedule.plateau.patience", patience, "1 or more")
      try check.require(
        factor > 0 && factor <= 1, "\(name).schedule.plateau.factor", factor, "above 0, at most 1")
    case .cosine(let warmupSteps, let floor):
      try check.require(
        warmupSteps >= 0, "\(name).schedule.cosine.warmupSteps", warmupSteps, "0 or more")
      try check.require(
        floor >= 0 && floor <= learningRate, "\(name).schedule.cosine.floor", floor,
        "0 to learningRate")
    }
  }
}

extension [Double] {
  /// Whether the numbers are valid weights of a sum.
  fileprivate var isWeights: Bool { allSatisfy { $0 >= 0 && $0.isFinite } && contains { $0 > 0 } }
}
