import DepthModels
import GradientChecks
import Synchronization
import Tensors
import TestModels
import Testing

/// Formula weights as parameters, optionally tracked, and offset by `step` along a fixed random direction.
///
/// Every request for a name returns the same tensor.
private final class Parameters: WeightSource {
  let label = "parameters"
  let names: Set<String>? = nil
  private let formula = FormulaWeights()
  private let step: Float
  private let isTracked: Bool
  private let held = Mutex<[String: Tensor]>([:])

  init(step: Float = 0, isTracked: Bool = false) { (self.step, self.isTracked) = (step, isTracked) }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    try held.withLock { held in
      if let tensor = held[name] { return tensor }
      let base = try formula.tensor(name, shape)
      let direction = Self.direction(name, shape)
      var tensor = Tensor(
        shape, zip(base.scalars, direction.scalars).map { $0 + step * $1 })
      if isTracked { tensor = tensor.tracked() }
      held[name] = tensor
      return tensor
    }
  }

  static func direction(_ name: String, _ shape: Shape) -> Tensor {
    let fanIn = Float(shape.dims.dropFirst().reduce(1, *))
    let seed = name.utf8.reduce(7 as UInt64) { ($0 &* 31) &+ UInt64($1) }
    let all = Tensor.random(shape, seed: seed)
    return Tensor(shape, all.scalars.map { $0 / fanIn.squareRoot() })
  }

  /// The sum of ⟨gradient, direction⟩ over all parameters, and the names of parameters without a gradient.
  var slope: (sum: Double, missing: [String]) {
    held.withLock { held in
      var (sum, missing) = (0.0, [String]())
      for (name, tensor) in held.sorted(by: { $0.key < $1.key }) {
        guard let gradient = tensor.gradient else {
          missing.append(name)
          continue
        }
        let direction = Self.direction(name, tensor.shape)
        for (g, d) in zip(gradient.scalars, direction.scalars) { sum += Double(g) * Double(d) }
      }
      return (sum, missing)
    }
  }
}

/// Tests that the gradients of whole networks with respect to all weights match finite differences.
@Suite struct NetworkGradientTests {
  private func check(
    from step: Double = 8e-3, tolerance: Double = 0.05, missing: Set<String> = [],
    location: SourceLocation = #_sourceLocation, _ run: (Weights) throws -> Tensor
  ) throws {
    let parameters = Parameters(isTracked: true)
    let result = try run(Weights(parameters))
    let weights = Tensor.random(result.shape, seed: 5)
    Gradients.walk(back: result, from: weights)
    func loss(_ step: Float) throws -> Double {
      zip(try run(Weights(Parameters(step: step))).scalars, weights.scalars).reduce(0) {
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
