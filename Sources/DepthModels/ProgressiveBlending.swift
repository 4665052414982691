public import Tensors

/// Progressive Linear Blending: how the coarse map becomes the fine one, step by step and without noise.
///
/// At step t, from T − 1 to 0, the denoiser estimates the fine map p, and the next blend is ᾱ·p + (1 − ᾱ)·coarse, where ᾱ
/// is that of the next step, which rises evenly from 0 at T − 1 to ε at 0; the last estimate is the result.
/// Source: D3-RSMDE, arXiv:2603.16362, with ᾱ_t = ε·(T − 1 − t)/(T − 1).
public struct ProgressiveBlending: Sequence, Sendable {
  /// T, for which the denoiser was trained.
  public var steps: Int
  /// ε.
  public var epsilon: Double
  /// Evaluations of the denoiser, at most T: of fewer, the steps are spread evenly from T − 1 to 0, so that at each the
  /// denoiser sees the share of the truth that it was trained with there.
  public var evaluations: Int
  /// Ends with the blend before step 0, as the paper's text has it, and not with the estimate at step 0.
  public var stopsAtOne: Bool

  /// A schedule; nil `evaluations` are all steps.
  public init(
    steps: Int, epsilon: Double, evaluations: Int? = nil, stopsAtOne: Bool = false
  ) {
    self.steps = steps
    self.epsilon = epsilon
    self.evaluations = evaluations ?? steps
    self.stopsAtOne = stopsAtOne
    precondition(
      1...Swift.max(steps, 1) ~= self.evaluations, "blending takes one step or more, at most all")
  }

  /// An evaluation of the denoiser, and what is made of its estimate.
  public struct Step: Hashable, Sendable {
    /// t, as the denoiser is told.
    public let index: Int
    /// ᾱ of the blend that follows: the share of the estimate; the rest is the coarse map.
    public let share: Double
  }

  public func makeIterator() -> some IteratorProtocol<Step> {
    let indices = (0..<evaluations).map { place in
      evaluations == 1 ? steps - 1 : (evaluations - 1 - place) * (steps - 1) / (evaluations - 1)
    }
    let all = indices.enumerated().map { place, index in
      Step(index: index, share: place + 1 < evaluations ? share(of: indices[place + 1]) : 1)
    }
    return (stopsAtOne ? all.dropLast() : all[...]).makeIterator()
  }

  /// ᾱ_t, the share of the truth in what the denoiser was shown at step t in training.
  public func share(of step: Int) -> Double {
    steps == 1 ? epsilon : epsilon * Double(steps - 1 - step) / Double(steps - 1)
  }
}

extension ProgressiveBlending {
  /// So much of the fine map, and the rest of the coarse one; what it is made of is not tracked.
  public static func blend(_ fine: Tensor, _ coarse: Tensor, share: Double) -> Tensor {
    let share = Float(share)
    return Tensor(
      coarse.shape, zip(fine.scalars, coarse.scalars).map { share * $0 + (1 - share) * $1 })
  }

  /// Runs all steps, or those before one.
  ///
  /// - Parameters:
  ///   - coarse: `[batch, row, column, outputs]` of the denoiser: the coarse map, or its latent.
  ///   - image: `[batch, row, column, inputs − outputs]`.
  ///   - denoiser: Is asked once for each step.
  ///   - last: Ends with what the denoiser is shown at this step; nil runs all. Only where no step is left out.
  ///   - observe: Is shown the blend after each step.
  /// - Returns: the last blend.
  public func refine(
    _ coarse: Tensor, image: Tensor, by denoiser: DenoiseUNet, before last: Int? = nil,
    observe: (Step, Tensor) -> Void = { _, _ in }
  ) -> Tensor {
    precondition(last == nil || evaluations == steps, "a step that may be left out")
    let features = denoiser.features(of: image)
    var blend = coarse
    for step in self.prefix(while: { step in last.map { step.index > $0 } ?? true }) {
      let estimate = denoiser(blend, seeing: features, step: step.index)
      blend = Self.blend(estimate, coarse, share: step.share)
      observe(step, blend)
    }
    return blend
  }
}
