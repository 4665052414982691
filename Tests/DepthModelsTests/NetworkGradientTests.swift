import DepthModels
import GradientChecks
import Tensors
import TestModels
import Testing

/// Tests that the gradients of whole networks with respect to all weights match finite differences.
@Suite struct NetworkGradientTests {
  private func check(
    from step: Double = 8e-3, tolerance: Double = 0.05, missing: Set<String> = [],
    location: SourceLocation = #_sourceLocation, _ run: (Weights) throws -> Tensor
  ) throws {
    let parameters = FormulaParameters(isTracked: true)
    let result = try run(Weights(parameters))
    let weights = Tensor.random(result.shape, seed: 5)
    Gradients.walk(back: result, from: weights)
    func loss(_ step: Float) throws -> Double {
      zip(try run(Weights(FormulaParameters(step: step))).scalars, weights.scalars).reduce(0) {
        $0 + Double($1.0) * Double($1.1)
      }
    }
    let found = try MeasuredSlope(from: step, count: 6) { try loss(Float($0)) }
    let (computed, without) = parameters.slope
    #expect(Set(without) == missing, sourceLocation: location)
    #expect(
      found.agrees(with: computed) && found.error <= tolerance * abs(found.value),
      "\(computed) computed, \(found) measured", sourceLocation: location)
  }

  private func image(_ side: Int, _ channels: Int) -> Tensor {
    .random([1, side, side, channels], seed: 3)
  }

  @Test func `the coarse network's gradient matches finite differences`() throws {
    // Its ReLUs have kinks, which longer steps would cross.
    try check(from: 1e-3, tolerance: 0.1) { try DPT($0, Architectures.tinyCoarse)(image(64, 3)) }
  }

  @Test(arguments: ["unet_tiny32", "unet_sin_tiny32"])
  func `the denoiser's gradient matches finite differences`(_ name: String) throws {
    let sizes = try #require(Architectures.denoisers[name])
    try check { try DenoiseUNet($0, sizes, steps: 6)(image(16, 8), step: 3) }
  }

  @Test func `the autoencoder's gradient matches finite differences`() throws {
    try check {
      let network = try AutoencoderKL($0, Architectures.tinyAutoencoder)
      return network.decode(network.encode(image(32, 3)).sample(seed: 1))
    }
  }
}
