import Foundation
import Tensors

/// The AdamW optimizer: Adam with decoupled weight decay.
///
/// Each step computes the same as `torch.optim.AdamW` on a CPU (without `amsgrad`), in Float as there. First
/// θ ← θ · (1 − rate · decay), then m and v move toward g and g², then
/// θ ← θ − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
///
/// Source: I. Loshchilov & F. Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101.
public struct AdamW: Sendable, Hashable, Codable {
  /// The learning rate.
  public var learningRate: Double
  /// β₁, the decay rate of the mean of gradients.
  public var beta1 = 0.9
  /// β₂, the decay rate of the mean of squared gradients.
  public var beta2 = 0.999
  /// ε, which is added to the denominator.
  public var epsilon = 1e-8
  /// The weight decay.
  public var weightDecay: Double

  /// Creates an optimizer; the defaults are those of D3-RSMDE's coarse network.
  public init(learningRate: Double = 5e-5, weightDecay: Double = 1e-4) {
    (self.learningRate, self.weightDecay) = (learningRate, weightDecay)
  }

  /// The optimizer state of an array of parameters.
  public struct State: Sendable, Hashable, Codable {
    /// The number of steps taken.
    public private(set) var step: Int
    /// m, the moving mean of the gradients.
    public private(set) var mean: [Float]
    /// v, the moving mean of the squared gradients.
    public private(set) var square: [Float]

    /// Creates the state before the first step.
    public init(count: Int) {
      self.init(
        step: 0, mean: [Float](repeating: 0, count: count),
        square: [Float](repeating: 0, count: count))
    }

    /// Restores a state.
    public init(step: Int, mean: [Float], square: [Float]) {
      precondition(
        mean.count == square.count && step >= 0,
        "\(mean.count) means and \(square.count) squares after \(step) steps")
      (self.step, self.mean, self.square) = (step, mean, square)
    }

    /// Increments the step, and gives access to the moments.
    fileprivate mutating func advance(
      _ body: (Int, UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
      step += 1
      mean.withUnsafeMutableBufferPointer { mean in
        square.withUnsafeMutableBufferPointer { square in body(step, mean, square) }
      }
    }
  }

  /// Updates parameters in place.
  ///
  /// - Parameters:
  ///   - parameters: The parameters.
  ///   - gradient: The gradient, with as many values.
  ///   - state: The state that belongs to these parameters.
  public func step(_ parameters: inout [Float], gradient: [Float], state: inout State) {
    var span = parameters.mutableSpan
    step(&span, gradient: gradient, state: &state)
  }

  /// Updates parameters in place, for example the values of a tensor.
  ///
  /// - Parameters:
  ///   - parameters: The parameters.
  ///   - gradient: The gradient, with as many values.
  ///   - state: The state that belongs to these parameters.
  public func step(
    _ parameters: inout MutableSpan<Float>, gradient: [Float], state: inout State
  ) {
    precondition(
      parameters.count == gradient.count && gradient.count == state.mean.count,
      "\(parameters.count) parameters, \(gradient.count) gradients, a state of \(state.mean.count)")
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        state.advance { step, mean, square in
          guard let theta = parameters.baseAddress, let g = gradient.baseAddress,
            let m = mean.baseAddress, let v = square.baseAddress
          else { return }
          // Each part has its own range of all four arrays, and `parallel` returns after all parts are finished.
          nonisolated(unsafe) let arrays = (theta: theta, g: g, m: m, v: v)
          let rates = Rates(self, step: step)
          let count = gradient.count
          parallel((count + Self.part - 1) / Self.part) { part in
            let start = part * Self.part
            rates.step(
              arrays.theta + start, arrays.g + start, arrays.m + start, arrays.v + start,
              count: min(Self.part, count - start))
          }
        }
      }
    }
  }

  /// The number of parameters per task: enough to outweigh the cost of starting it, and the four arrays fit the L2
  /// cache.
  private static let part = 1 << 15
}

/// The factors of one step, rounded to Float where PyTorch rounds them.
private struct Rates: Sendable {
  let decay: Float
  let meanShare: Float
  let squareKept: Float
  let squareShare: Float
  let squareCorrection: Float
  let epsilon: Float
  let size: Float

  init(_ rule: AdamW, step: Int) {
    decay = Float(1 - rule.learningRate * rule.weightDecay)
    meanShare = Float(1 - rule.beta1)
    squareKept = Float(rule.beta2)
    squareShare = Float(1 - rule.beta2)
    squareCorrection = Float((1 - pow(rule.beta2, Double(step))).squareRoot())
    epsilon = Float(rule.epsilon)
    size = Float(-rule.learningRate / (1 - pow(rule.beta1, Double(step))))
  }

  /// A plain loop, so that the compiler vectorizes it; the order of operations is PyTorch's.
  @inline(never)
  func step(
    _ theta: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ m: UnsafeMutablePointer<Float>, _ v: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count {
      let mean = m[i] + meanShare * (g[i] - m[i])
      let square = v[i] * squareKept + squareShare * g[i] * g[i]
      let scale = square.squareRoot() / squareCorrection + epsilon
      theta[i] = theta[i] * decay + size * mean / scale
      m[i] = mean
      v[i] = square
    }
  }
}
