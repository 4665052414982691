import DepthModels
import Synchronization
package import Tensors

/// Random initial weights, drawn like PyTorch's defaults.
///
/// - Convolutions and linear layers: weight and bias uniform in ±1/√(fan-in).
/// - Normalizations: weight 1 and bias 0.
/// - The table of step embeddings: standard normal.
/// - The last bias of the coarse network: 1, so that the ReLU behind it passes values.
/// - Class token and position embeddings: normal with a standard deviation of 0.02, as in vision transformers
///   (arXiv:2010.11929).
///
/// The draw of each tensor depends on the seed and its name, not on the order in which a network requests tensors.
package final class FreshWeights: WeightSource {
  package let label = "fresh weights"
  package let names: Set<String>? = nil
  private let seed: UInt64
  /// The fan-in of each weight requested so far, which the bias of the same layer needs.
  private let fanIns = Mutex<[String: Int]>([:])

  package init(seed: UInt64) { self.seed = seed }

  package func tensor(_ name: String, _ shape: Shape) -> Tensor {
    var generator = SplitMix64(seed: seed, name: name)
    let seed = generator.next()
    let scope = name.split(separator: ".").dropLast().joined(separator: ".")
    switch name.split(separator: ".").last {
    case "cls_token", "pos_embed": return normal(shape, deviation: 0.02, seed: seed)
    // A ReLU follows this bias: a network whose output is 0 everywhere never learns.
    case "bias" where scope == "scratch.output_conv.4": return Tensor(shape, repeating: 1)
    case "weight" where scope == "time_embed": return normal(shape, deviation: 1, seed: seed)
    case "weight" where shape.rank == 1: return Tensor(shape, repeating: 1)
    case "weight":
      let fanIn = shape.dims.dropFirst().reduce(1, *)
      fanIns.withLock { $0[scope] = fanIn }
      return even(shape, fanIn: fanIn, seed: seed)
    default:
      // A normalization's weight has one dimension, so no fan-in is stored for it.
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

/// The weights of a checkpoint, with random weights for missing tensors if these are allowed.
struct StartingWeights: WeightSource {
  let checkpoint: Safetensors
  /// The source of tensors that the checkpoint lacks; if nil, a missing tensor is an error.
  let fallback: FreshWeights?

  var label: String { checkpoint.path }
  var names: Set<String>? { nil }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    if let fallback {
      // Always requested, because it records the fan-in for the bias.
      let fresh = fallback.tensor(name, shape)
      if checkpoint.entries[name] == nil { return fresh }
    }
    return try (checkpoint as any WeightSource).tensor(name, shape)
  }
}
