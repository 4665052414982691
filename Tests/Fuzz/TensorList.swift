import DepthModels
import Synchronization
import Tensors

/// The names and shapes of a network's tensors, recorded by building it from zeros.
final class TensorList: WeightSource {
  let label = "zeros"
  let names: Set<String>? = nil
  private let lines = Mutex<[String]>([])

  init(building: (Weights) throws -> Void) throws { try building(Weights(self)) }

  /// One line per tensor.
  var text: String { lines.withLock { $0.joined(separator: "\n") } }

  func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
    let sides = shape.dims.map { " \($0)" }.joined()
    lines.withLock { $0.append("F32 \(name)\(sides)") }
    return Tensor(shape)
  }
}
