public import DepthModels
import Synchronization
public import Tensors

/// A network's tensors by formula, as a checkpoint on disk: for bundles of any size without anything trained.
public final class FormulaCheckpoint: WeightSource {
  private let formula: FormulaWeights
  private let asked = Mutex<[(name: String, shape: Shape)]>([])
  public let label = "formula"
  public let names: Set<String>? = nil

  /// Finds out, by building the network once, which tensors it has.
  public init(_ formula: FormulaWeights = FormulaWeights(), building: (Weights) throws -> Void)
    rethrows
  {
    self.formula = formula
    try building(Weights(self))
  }

  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    asked.withLock { $0.append((name, shape)) }
    return try formula.tensor(name, shape)
  }

  /// Writes what the network asked for, one tensor after the other.
  public func write(to path: String, as type: Safetensors.ElementType = .f32) throws {
    let items = asked.withLock { $0 }.map { name, shape in
      Safetensors.Item(formula.prefix + name, type, shape) { [formula] in
        type.encode(try formula.tensor(name, shape).scalars)
      }
    }
    try Safetensors.write(items, to: path)
  }
}
