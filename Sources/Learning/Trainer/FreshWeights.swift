import DepthModels
import Synchronization
import Tensors

/// Weights before the first step, drawn as PyTorch draws them by default.
///
/// Convolutions and products: weight and bias evenly in ±1/√(numbers that go into one output); normalisations: 1 and 0; the
/// table of steps: normal; the last bias of the coarse network: 1, so that the rectifier behind it lets something through.
/// Class token and positions: normal with a deviation of 0.02, as vision transformers have it (arXiv:2010.11929). Each
/// tensor's draw follows from the seed and its name, not from the order in which a network asks.
final class FreshWeights: WeightSource {
  let label = "fresh weights"
  let names: Set<String>? = nil
  private let seed: UInt64
  /// Of the weights asked for, what goes into an output: their biases are drawn alike.
  private let fanIns = Mutex<[String: Int]>([:])

  init(seed: UInt64) { self.seed = seed }

  func tensor(_ name: String, _ shape: Shape) -> Tensor {
    var generator = SplitMix64(seed: seed, name: name)
    let seed = generator.next()
    let scope = name.split(separator: ".").dropLast().joined(separator: ".")
    switch name.split(separator: ".").last {
    case "cls_token", "pos_embed": return normal(shape, deviation: 0.02, seed: seed)
    // Behind it stands a rectifier: a network that gives 0 everywhere never learns.
    case "bias" where scope == "scratch.output_conv.4": return Tensor(shape, repeating: 1)
    case "weight" where scope == "time_embed": return normal(shape, deviation: 1, seed: seed)
    case "weight" where shape.rank == 1: return Tensor(shape, repeating: 1)
    case "weight":
      let fanIn = shape.dims.dropFirst().reduce(1, *)
      fanIns.withLock { $0[scope] = fanIn }
      return even(shape, fanIn: fanIn, seed: seed)
    default:
      // Of a normalisation, whose weight is one number for each channel, there is none.
      guard let fanIn = fanIns.withLock({ $0[scope] }) else { return Tensor(shape) }
      return even(shape, fanIn: fanIn, seed: seed)
    }
  }

  private func even(_ shape: Shape, fanIn: Int, seed: UInt64) -> Tensor {
    let bound = 1 / Float(fanIn).squareRoot()
    return .random(shape, in: -bound...bound, seed: seed)
  }

  private func normal(_ shape: Shape, deviation: Float, seed: UInt64) -> Tensor {
    let drawn = Tensor.randomNormal(shape, seed: seed)
    return Tensor(shape, drawn.scalars.map { $0 * deviation })
  }
}

/// A checkpoint's weights, and fresh ones where it has none, if it may lack some.
struct StartingWeights: WeightSource {
  let checkpoint: Safetensors
  /// Where the tensors come from that the checkpoint lacks; nil makes their absence an error.
  let fallback: FreshWeights?

  var label: String { checkpoint.path }
  var names: Set<String>? { nil }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    if let fallback {
      // Asked in any case: it remembers what goes into an output.
      let fresh = fallback.tensor(name, shape)
      if checkpoint.entries[name] == nil { return fresh }
    }
    return try (checkpoint as any WeightSource).tensor(name, shape)
  }
}
