import DepthModels

/// Training configurations to start from.
public enum TrainingPreset: String, CaseIterable, Sendable {
  /// Small networks, for training on CPUs.
  case small
  /// D3-RSMDE's settings for the areas of RS3DBench: Japan and Korea, South Asia, Mediterranean, Australia,
  /// Switzerland.
  case jk, sa, med, ast, swi

  /// The configuration, with the list `pairs.csv` or the folder of the area, and for `small` without initial weights.
  public var configuration: TrainingConfiguration {
    switch self {
    case .small: Self.forTwoCores
    case .jk:
      Self.paper(
        "J_K", latent: .kl(attention: [1, 2, 4, 8]), batch: (2, 8), epochs: (100, 100), rate: 1e-4,
        decay: 0.05, patience: 5, dropout: 0.1)
    case .sa:
      Self.paper(
        "SA", latent: .kl(attention: [4, 8]), batch: (8, 8), epochs: (200, 60), rate: 1e-4,
        decay: 0.01, patience: 4, dropout: 0)
    case .med:
      Self.paper(
        "Med", latent: .va, batch: (6, 16), epochs: (50, 60), rate: 1e-4, decay: 0.05, patience: 10,
        dropout: 0.09)
    case .ast:
      Self.paper(
        "Ast", latent: .va, batch: (6, 16), epochs: (100, 60), rate: 2e-5, decay: 0.01, patience: 4,
        dropout: 0.05)
    case .swi: Self.coarse("Swi", batch: 6, epochs: 100)
    }
  }

  // MARK: Small

  private static var forTwoCores: TrainingConfiguration {
    func optimization(_ epochs: Int, _ rate: Double) -> Optimization {
      var result = Optimization(
        epochs: epochs, batch: 8, learningRate: rate, weightDecay: 0.02,
        schedule: .cosine(warmupSteps: 100, floor: rate / 100))
      (result.clipping, result.averageDecay) = (1, 0.999)
      return result
    }
    let coarse = CoarseTraining(
      architecture: CoarseArchitecture(
        backbone: .hybrid(
          .init(
            stem: 32, depths: [1, 2, 2], widths: [64, 128, 256], groups: 16, normEpsilon: 1e-5,
            standardizationEpsilon: 1e-6)),
        width: 192, depth: 6, heads: 3, hidden: 768, layerNormEpsilon: 1e-6, hooks: [3, 5],
        positionGrid: 16, neck: [64, 128, 192, 192], fusion: 48, head: [24, 32],
        normalization: .half),
      losses: .init(hdn: 1, hdnLevels: 3, l1: 0.5, gradientMatching: 0.5, lpips: 0, level: 0.5),
      optimization: optimization(100, 6e-4))
    let autoencoder = AutoencoderTraining(
      architecture: AutoencoderArchitecture(
        latentChannels: 4, widths: [16, 32, 64, 64], blocksPerLevel: 1, attendsCoarsestLevel: false,
        groups: 8, latentScale: 1),
      losses: .init(l1: 1, lpips: 0.1, divergence: 1e-4), optimization: optimization(60, 1e-3))
    let refiner = RefinerTraining(
      denoiser: DenoiserArchitecture(
        inputs: 8, outputs: 4, width: 64, multipliers: [1, 2, 4, 4], blocksPerLevel: 1, heads: 4,
        attentionReductions: [8]),
      blending: .init(), imageRange: .scene, heightRange: .shared, dropout: 0.1,
      ownEstimates: 1,
      decoded: .init(lpips: 0.25, gradientMatching: 0.25, slopes: 10, side: 128),
      optimization: optimization(100, 3e-4))
    return TrainingConfiguration(
      seed: 42,
      data: TrainingData(
        pairs: "pairs.csv", overlap: 64, shift: 64, flips: false, leastValidShare: 0.5,
        leastRelief: 20),
      coarse: coarse, crossFitting: .init(count: 2, unit: .pair), autoencoder: autoencoder,
      refiner: refiner,
      card: ModelCard(
        name: "small", summary: "Trained by the preset small.", licence: "unknown",
        gsdInMeters: 20...40, tileSize: 256, overlap: 64, surface: "mixed"))
  }

  // MARK: Paper

  private enum Latent {
    case kl(attention: [Int])
    case va
  }

  /// The settings of the authors' programs for the coarse network: AdamW 5e-5, decay 1e-4, patience 5, factor 0.6.
  private static func coarse(_ area: String, batch: Int, epochs: Int) -> TrainingConfiguration {
    let hybrid = CoarseArchitecture(
      backbone: .hybrid(
        .init(
          stem: 64, depths: [3, 4, 9], widths: [256, 512, 1024], groups: 32, normEpsilon: 1e-5,
          standardizationEpsilon: 1e-6)),
      width: 768, depth: 12, heads: 12, hidden: 3072, layerNormEpsilon: 1e-6, hooks: [8, 11],
      positionGrid: 24, neck: [256, 512, 768, 768], fusion: 256, head: [128, 32],
      normalization: .raw255)
    return TrainingConfiguration(
      seed: 42,
      data: TrainingData(
        pairs: "ImageToDEM-\(area)",
        splitFiles: (1...5).map { "splitTextFiles/\(area)/\(area)stage1-\($0).txt" },
        validationShare: 0.1,
        overlap: 0, shift: 0, flips: true, leastValidShare: 1, leastRelief: 0),
      coarse: CoarseTraining(
        architecture: hybrid,
        losses: .init(hdn: 1, hdnLevels: 3, l1: 0, gradientMatching: 0, lpips: 0),
        optimization: Optimization(
          epochs: epochs, batch: batch, learningRate: 5e-5, weightDecay: 1e-4,
          schedule: .plateau(patience: 5, factor: 0.6))),
      crossFitting: .init(count: 5, unit: .pair),
      card: ModelCard(
        name: "d3-rsmde-\(area)", summary: "D3-RSMDE, trained on \(area) of RS3DBench.",
        licence: "unknown", gsdInMeters: area == "Swi" ? 0.5...10 : 5...30,
        sunAzimuthInDegrees: 0...360,
        stretch: ModelCard.Stretch(lowerPercentile: 0, upperPercentile: 100), tileSize: 512,
        overlap: 128, surface: "mixed"))
  }

  private static func paper(
    _ area: String, latent: Latent, batch: (coarse: Int, refiner: Int),
    epochs: (coarse: Int, refiner: Int), rate: Double, decay: Double, patience: Int,
    dropout: Double
  ) -> TrainingConfiguration {
    var result = coarse(area, batch: batch.coarse, epochs: epochs.coarse)
    let autoencoder: AutoencoderArchitecture
    let denoiser: DenoiserArchitecture
    let weights: String
    switch latent {
    case .kl(let attention):
      autoencoder = AutoencoderArchitecture(
        latentChannels: 4, widths: [128, 256, 512, 512], blocksPerLevel: 2,
        attendsCoarsestLevel: false, latentScale: 0.18215)
      denoiser = DenoiserArchitecture(
        inputs: 8, outputs: 4, width: 128, multipliers: [1, 2, 4, 4], blocksPerLevel: 2, heads: 4,
        attentionReductions: attention)
      weights = "stable-diffusion-2-vae.safetensors"
    case .va:
      autoencoder = AutoencoderArchitecture(
        latentChannels: 32, widths: [128, 128, 256, 256, 512], blocksPerLevel: 2,
        attendsCoarsestLevel: true, latentScale: 1)
      denoiser = DenoiserArchitecture(
        inputs: 64, outputs: 32, width: 192, multipliers: [1, 2, 3, 4], blocksPerLevel: 3,
        heads: 8, attentionReductions: [2, 4, 8], scalesAndShifts: true)
      weights = "vavae-f16d32.safetensors"
    }
    result.autoencoder = AutoencoderTraining(
      architecture: autoencoder, start: StartWeights(path: weights, isPartial: false),
      losses: .init(l1: 1, lpips: 0, divergence: 0))
    result.refiner = RefinerTraining(
      denoiser: denoiser, blending: .init(), imageRange: .perImage, heightRange: .own,
      dropout: dropout,
      optimization: Optimization(
        epochs: epochs.refiner, batch: batch.refiner, learningRate: rate, weightDecay: decay,
        schedule: .plateau(patience: patience, factor: 0.5)))
    return result
  }
}
