public import DepthModels
import Synchronization
public import Tensors

/// Formula weights as parameters, optionally tracked, and offset by `step` along a fixed random direction.
///
/// Every request for a name returns the same tensor.
public final class FormulaParameters: WeightSource {
  /// The source, for messages.
  public let label = "parameters"
  /// Any name has a tensor.
  public let names: Set<String>? = nil
  private let formula = FormulaWeights()
  private let step: Float
  private let isTracked: Bool
  private let held = Mutex<[String: Tensor]>([:])

  /// Creates parameters at a step along the direction.
  public init(step: Float = 0, isTracked: Bool = false) {
    (self.step, self.isTracked) = (step, isTracked)
  }

  /// Returns the parameter of a name.
  public func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
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

  private static func direction(_ name: String, _ shape: Shape) -> Tensor {
    let fanIn = Float(shape.dims.dropFirst().reduce(1, *))
    let seed = name.utf8.reduce(7 as UInt64) { ($0 &* 31) &+ UInt64($1) }
    let all = Tensor.random(shape, seed: seed)
    return Tensor(shape, all.scalars.map { $0 / fanIn.squareRoot() })
  }

  /// The sum of ⟨gradient, direction⟩ over all parameters, and the names of parameters without a gradient.
  public var slope: (sum: Double, missing: [String]) {
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
