import Foundation
import Tensors

/// Steps down a gradient, each parameter's scaled by the mean square of its own, with a decay of the parameters that does not
/// pass through it.
///
/// Step for step what `torch.optim.AdamW` does on a processor (without `amsgrad`), in Float as there: first
/// θ ← θ · (1 − rate · decay), then m and v move to g and g², then θ ← θ − rate / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε).
///
/// Source: I. Loshchilov & F. Hutter, "Decoupled Weight Decay Regularization", arXiv:1711.05101.
public struct AdamW: Sendable, Hashable, Codable {
  public var learningRate: Double
  /// Of the mean of gradients.
  public var beta1 = 0.9
  /// Of the mean of their squares.
  public var beta2 = 0.999
  public var epsilon = 1e-8
  public var weightDecay: Double

  /// Rates as the coarse network of D3-RSMDE is trained with.
  public init(learningRate: Double = 5e-5, weightDecay: Double = 1e-4) {
    (self.learningRate, self.weightDecay) = (learningRate, weightDecay)
  }

  /// What is known of an array of parameters after some steps.
  public struct State: Sendable, Hashable, Codable {
    /// Steps taken.
    public private(set) var step: Int
    /// m, the moving mean of the gradients.
    public private(set) var mean: [Float]
    /// v, that of their squares.
    public private(set) var square: [Float]

    /// Before the first step.
    public init(count: Int) {
      self.init(
        step: 0, mean: [Float](repeating: 0, count: count),
        square: [Float](repeating: 0, count: count))
    }

    /// As it was.
    public init(step: Int, mean: [Float], square: [Float]) {
      precondition(
        mean.count == square.count && step >= 0,
        "\(mean.count) means and \(square.count) squares after \(step) steps")
      (self.step, self.mean, self.square) = (step, mean, square)
    }

    /// Room for one more step, and the moments to change in it.
    fileprivate mutating func advance(
      _ body: (Int, UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
      step += 1
      mean.withUnsafeMutableBufferPointer { mean in
        square.withUnsafeMutableBufferPointer { square in body(step, mean, square) }
      }
    }
  }

  /// Takes a step in place.
  ///
  /// - Parameters:
  ///   - parameters: Move against the gradient.
  ///   - gradient: As many numbers.
  ///   - state: Of these parameters alone.
  public func step(_ parameters: inout [Float], gradient: [Float], state: inout State) {
    var span = parameters.mutableSpan
    step(&span, gradient: gradient, state: &state)
  }

  /// Takes a step in place, on the numbers of a tensor for instance.
  ///
  /// - Parameters:
  ///   - parameters: Move against the gradient.
  ///   - gradient: As many numbers.
  ///   - state: Of these parameters alone.
  public func step(
    _ parameters: inout MutableSpan<Float>, gradient: [Float], state: inout State
  ) {
    precondition(
      parameters.count == gradient.count && gradient.count == state.mean.count,
      "\(parameters.count) parameters, \(gradient.count) slopes, a state of \(state.mean.count)")
    parameters.withUnsafeMutableBufferPointer { parameters in
      gradient.withUnsafeBufferPointer { gradient in
        state.advance { step, mean, square in
          guard let theta = parameters.baseAddress, let g = gradient.baseAddress,
            let m = mean.baseAddress, let v = square.baseAddress
          else { return }
          // Each part has its own range of all four, and `parallel` returns when all are done.
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

  /// Parameters that a thread takes at once: long beside the cost of a start, and their four arrays fit the second cache.
  private static let part = 1 << 15
}

/// The numbers of one step, rounded to Float where PyTorch rounds them.
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

  /// Plain, so that the compiler makes vectors of it; the order of operations is PyTorch's.
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
