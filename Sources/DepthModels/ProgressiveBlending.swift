public import Tensors

/// Progressive Linear Blending: how the coarse map becomes the fine one, step by step and without noise.
///
/// At step t, from T − 1 to 0, the denoiser estimates the fine map p, and the next blend is ᾱ·p + (1 − ᾱ)·coarse, where ᾱ
/// falls evenly from ε at step 1 to 0 before step T − 1, and is 1 at step 0: the last estimate is the result.
/// Source: D3-RSMDE, arXiv:2603.16362, with ᾱ_t = ε·(T − 1 − t)/(T − 1).
public struct ProgressiveBlending: Sequence, Sendable {
  /// T.
  public var steps: Int
  /// ε.
  public var epsilon: Double
  /// Ends with the blend after step 1, as the paper's text has it, and not with the estimate at step 0.
  public var stopsAtOne: Bool

  public init(steps: Int, epsilon: Double, stopsAtOne: Bool = false) {
    precondition(steps > 0, "blending takes at least one step")
    self.steps = steps
    self.epsilon = epsilon
    self.stopsAtOne = stopsAtOne
  }

  /// An evaluation of the denoiser, and what is made of its estimate.
  public struct Step: Hashable, Sendable {
    /// t, as the denoiser is told.
    public let index: Int
    /// ᾱ of the blend that follows: the share of the estimate; the rest is the coarse map.
    public let share: Double
  }

  public func makeIterator() -> some IteratorProtocol<Step> {
    (stopsAtOne ? 1..<steps : 0..<steps).reversed().lazy
      .map { Step(index: $0, share: $0 == 0 ? 1 : share(of: $0 - 1)) }
      .makeIterator()
  }

  /// ᾱ_t, the share of the truth in what the denoiser was shown at step t in training.
  public func share(of step: Int) -> Double {
    steps == 1 ? epsilon : epsilon * Double(steps - 1 - step) / Double(steps - 1)
  }
}

extension ProgressiveBlending {
  /// Runs all steps.
  ///
  /// - Parameters:
  ///   - coarse: `[batch, row, column, outputs]` of the denoiser: the coarse map, or its latent.
  ///   - image: `[batch, row, column, inputs − outputs]`.
  ///   - denoiser: Is asked once for each step.
  ///   - observe: Is shown the blend after each step.
  /// - Returns: the last blend.
  public func refine(
    _ coarse: Tensor, image: Tensor, by denoiser: DenoiseUNet,
    observe: (Step, Tensor) -> Void = { _, _ in }
  ) -> Tensor {
    var blend = coarse
    for step in self {
      let estimate = denoiser(image.joined(with: blend), step: step.index)
      let share = Float(step.share)
      blend = Tensor(
        coarse.shape,
        zip(estimate.scalars, coarse.scalars).map { share * $0 + (1 - share) * $1 })
      observe(step, blend)
    }
    return blend
  }
}
