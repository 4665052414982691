import DepthModels
import Tensors
import TestModels
import Testing

/// Tests of a small refiner from end to end: encoding, blending and decoding.
@Suite struct LatentRefinerTests {
  let image = FormulaWeights.image("refine.image", rows: 64, columns: 96, in: 0...255)
  let coarse = FormulaWeights.image(
    "refine.coarse", rows: 64, columns: 96, channels: 1, in: 0...1)

  static func architecture(
    image: RefinerArchitecture.ImageRange = .scene,
    heights: HeightRange = .shared
  ) -> RefinerArchitecture {
    RefinerArchitecture(
      autoencoder: Architectures.tinyAutoencoder, denoiser: Architectures.denoisers["unet_tiny32"]!,
      imageRange: image, heightRange: heights)
  }

  static func refiner(
    _ architecture: RefinerArchitecture = architecture()
  ) throws -> LatentRefiner {
    try LatentRefiner(
      vae: architecture.autoencoder == nil ? nil : Weights(FormulaWeights()),
      unet: Weights(FormulaWeights()), architecture)
  }

  private func refine(
    _ refiner: LatentRefiner, rows: Int = 64, columns: Int = 96,
    options: RefineOptions = RefineOptions(steps: 6), seed: UInt64 = 42
  ) throws -> Tensor {
    try refiner.refine(
      coarse.cropped(rows: rows, columns: columns),
      image: image.cropped(rows: rows, columns: columns),
      options: options, seed: seed)
  }

  @Test func `the result equals the composition of encoder, denoiser and decoder`() throws {
    let sizes = Self.architecture()
    let autoencoder = try AutoencoderKL(
      Weights(FormulaWeights()), Architectures.tinyAutoencoder)
    let denoiser = try DenoiseUNet(Weights(FormulaWeights()), sizes.denoiser, steps: 6)
    func scaled(_ x: Tensor, _ a: Float, _ b: Float) -> Tensor {
      Tensor(x.shape, x.scalars.map { $0 * a + b })
    }
    let map = scaled(coarse, 2, -1)
    let start = scaled(
      autoencoder.encode(map.joined(with: map).joined(with: map)).mean, 0.18215, 0)
    let input = scaled(autoencoder.encode(scaled(image, 1 / 127.5, -1)).mean, 0.18215, 0)
    var blend = start
    for step in 0..<6 {
      let estimate = denoiser(input.joined(with: blend), step: 5 - step)
      let share = step == 5 ? 1 : 0.16 * Float(step + 1)
      blend = Tensor(
        blend.shape, zip(estimate.scalars, start.scalars).map { share * $0 + (1 - share) * $1 })
    }
    let decoded = autoencoder.decode(scaled(blend, 1 / 0.18215, 0))
    let truth = stride(from: 0, to: decoded.scalars.count, by: 3).map { first -> Float in
      let mean = decoded.scalars[first..<first + 3].reduce(0, +) / 3
      return (mean + 1) / 2
    }
    let result = try refine(Self.refiner())
    let error = zip(result.scalars, truth).map { abs($0 - $1) }.max()!
    // The sums are the same but in another order (Winograd or row by row), through six steps of random weights.
    #expect(error < 3e-4)
  }

  @Test(arguments: [false, true])
  func `refining step by step gives bit-identical heights`(isStoppedAtOne: Bool) throws {
    var options = RefineOptions(steps: 4)
    options.stopsAtOne = isStoppedAtOne
    options.samplesPosterior = true
    let refiner = try Self.refiner()
    let (rows, columns) = (50, 71)
    let (map, tile) = (
      coarse.cropped(rows: rows, columns: columns), image.cropped(rows: rows, columns: columns)
    )
    let conditions = refiner.conditions(map, image: tile, options: options, seed: 42)
    let size = refiner.latentSize(rows: rows, columns: columns)
    #expect(conditions.coarse.shape == [1, size.rows, size.columns, refiner.coarseChannels])
    #expect(conditions.image.shape == [1, size.rows, size.columns, refiner.imageChannels])
    var blend = conditions.coarse
    for step in refiner.schedule(options) {
      let estimate = refiner.estimate(from: blend, conditions, at: step.index)
      let share = Float(step.share)
      blend = Tensor(
        blend.shape,
        zip(estimate.scalars, conditions.coarse.scalars).map { share * $0 + (1 - share) * $1 })
    }
    let result = try refiner.heights(from: blend, rows: rows, columns: columns, options: options)
    #expect(try result == refine(refiner, rows: rows, columns: columns, options: options))
  }

  @Test func `other sizes are padded by repeating the last row and column`() throws {
    let refiner = try Self.refiner()
    let small = try refine(refiner, rows: 50, columns: 71)
    let whole = try refiner.refine(
      coarse.cropped(rows: 50, columns: 71).extended(rows: 64, columns: 96),
      image: image.cropped(rows: 50, columns: 71).extended(rows: 64, columns: 96),
      options: RefineOptions(steps: 6), seed: 42)
    #expect(small == whole.cropped(rows: 50, columns: 71))
  }

  @Test func `with own ranges, heights span 0…1 and an affine stretch has no effect`() throws {
    let refiner = try Self.refiner(Self.architecture(image: .perImage, heights: .own))
    let result = try refine(refiner)
    #expect(result.range.minimum == 0 && abs(result.range.maximum - 1) < 1e-6)
    // An image normalized by its own range does not depend on an affine stretch.
    let dim = Tensor(image.shape, image.scalars.map { $0 * 0.5 + 20 })
    let same = try refiner.refine(
      coarse, image: dim, options: RefineOptions(steps: 6), seed: 42)
    let error = zip(result.scalars, same.scalars).map { abs($0 - $1) }.max()!
    #expect(error < 1e-3)
  }

  @Test func `noise is determined by the seed and absent by default`() throws {
    let refiner = try Self.refiner()
    var options = RefineOptions(steps: 6)
    let one = try refine(refiner, seed: 1)
    #expect(try one == refine(refiner, seed: 2))
    options.samplesPosterior = true
    let sampled = try refine(refiner, options: options, seed: 1)
    #expect(try sampled == refine(refiner, options: options, seed: 1))
    #expect(try sampled != refine(refiner, options: options, seed: 2))
  }

  @Test func `literal refinement quantizes the coarse map to 8 bits`() throws {
    let refiner = try Self.refiner()
    var options = RefineOptions(steps: 6)
    options.followsPaperExactly = true
    let result = try refine(refiner, options: options)
    #expect(result.range.minimum == 0 && abs(result.range.maximum - 1) < 1e-6)
    let truncated = Tensor(
      coarse.shape, coarse.scalars.map { ($0 * 255).rounded(.down) / 255 + 1e-4 })
    let same = try refiner.refine(truncated, image: image, options: options, seed: 42)
    #expect(result == same)
  }

  @Test func `a refiner without an autoencoder works on pixels`() throws {
    let sizes = RefinerArchitecture(
      autoencoder: nil,
      denoiser: DenoiserArchitecture(
        inputs: 4, outputs: 1, width: 32, multipliers: [1, 1, 2], blocksPerLevel: 1, heads: 2,
        attentionReductions: [4]), imageRange: .scene, heightRange: .shared)
    let result = try refine(Self.refiner(sizes), rows: 30, columns: 41)
    #expect(result.shape == [1, 30, 41, 1])
    let isFinite = result.scalars.allSatisfy(\.isFinite)
    #expect(isFinite)
  }

  @Test(arguments: [(128, 128), (512, 512), (512, 1024)])
  func `more pixels take more memory and more operations`(rows: Int, columns: Int) throws {
    let refiner = try Self.refiner()
    let options = RefineOptions(steps: 6)
    #expect(refiner.peakBytes(rows: rows, columns: columns) > 0)
    #expect(
      refiner.peakBytes(rows: 2 * rows, columns: columns)
        > refiner.peakBytes(rows: rows, columns: columns))
    let (one, two) = (
      refiner.operationCount(rows: rows, columns: columns, options: options),
      refiner.operationCount(rows: rows, columns: 2 * columns, options: options)
    )
    #expect(two > 1.9 * one)
  }
}
