public import DepthModels
import Synchronization
public import Tensors

/// A checkpoint of formula weights, for bundles of any size without training.
public final class FormulaCheckpoint: WeightSource {
  private let formula: FormulaWeights
  private let requested = Mutex<[(name: String, shape: Shape)]>([])
  /// The name used in messages.
  public let label = "formula"
  /// Nil, because any tensor can be produced.
  public let names: Set<String>? = nil

  /// Builds the network once to record which tensors it has.
  public init(_ formula: FormulaWeights = FormulaWeights(), building: (Weights) throws -> Void)
    rethrows
  {
    self.formula = formula
    try building(Weights(self))
  }

  /// Records a request, and returns the tensor.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    requested.withLock { $0.append((name, shape)) }
    return try formula.tensor(name, shape)
  }

  /// Writes all recorded tensors, one after the other.
  public func write(to path: String, as type: Safetensors.ElementType = .f32) throws {
    let items = requested.withLock { $0 }.map { name, shape in
      Safetensors.Item(formula.prefix + name, type, shape) { [formula] in
        type.encode(try formula.tensor(name, shape).scalars)
      }
    }
    try Safetensors.write(items, to: path)
  }
}
