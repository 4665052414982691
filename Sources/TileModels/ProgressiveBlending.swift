public import Tensors

/// The schedule of Progressive Linear Blending, which turns the coarse map into the fine one in noise-free steps.
///
/// At step t, from T − 1 to 0, the denoiser estimates the fine map p. The next blend is ᾱ·p + (1 − ᾱ)·coarse, where ᾱ
/// is that of the next step and increases linearly from 0 at T − 1 to ε at 0. The last estimate is the result. Source:
/// D3-RSMDE, arXiv:2603.16362, with ᾱ_t = ε·(T − 1 − t)/(T − 1).
public struct ProgressiveBlending: Sequence, Sendable {
  /// T, the number of steps that the denoiser was trained for.
  public var steps: Int
  /// ε, the value of ᾱ at step 0.
  public var epsilon: Double
  /// The number of denoiser evaluations, at most T.
  ///
  /// Fewer than T evaluations are spread evenly from T − 1 to 0, and each blend has the share of the truth that was
  /// used in training at its step.
  public var evaluations: Int
  /// Whether to end with the blend before step 0, as the paper's text says, instead of the estimate at step 0.
  public var stopsAtOne: Bool

  /// Creates a schedule; if `evaluations` is nil, every step is evaluated.
  public init(
    steps: Int, epsilon: Double, evaluations: Int? = nil, stopsAtOne: Bool = false
  ) {
    self.steps = steps
    self.epsilon = epsilon
    self.evaluations = evaluations ?? steps
    self.stopsAtOne = stopsAtOne
    precondition(
      1...Swift.max(steps, 1) ~= self.evaluations,
      "evaluations is \(self.evaluations), expected 1 to \(steps)")
  }

  /// One evaluation of the denoiser and the weight of its estimate in the next blend.
  public struct Step: Hashable, Sendable {
    /// The step t that is passed to the denoiser.
    public let index: Int
    /// ᾱ of the next blend, the weight of the estimate; the coarse map has the weight 1 − ᾱ.
    public let share: Double
  }

  /// Returns an iterator over the steps in the order in which they run.
  public func makeIterator() -> some IteratorProtocol<Step> {
    let indices = (0..<evaluations).map { place in
      evaluations == 1 ? steps - 1 : (evaluations - 1 - place) * (steps - 1) / (evaluations - 1)
    }
    let all = indices.enumerated().map { place, index in
      Step(index: index, share: place + 1 < evaluations ? share(of: indices[place + 1]) : 1)
    }
    return (stopsAtOne ? all.dropLast() : all[...]).makeIterator()
  }

  /// Returns ᾱ_t, the share of the truth in the denoiser's input at step t in training.
  public func share(of step: Int) -> Double {
    steps == 1 ? epsilon : epsilon * Double(steps - 1 - step) / Double(steps - 1)
  }
}

extension ProgressiveBlending {
  /// Returns share · fine + (1 − share) · coarse; gradients are not recorded.
  public static func blend(_ fine: Tensor, _ coarse: Tensor, share: Double) -> Tensor {
    let share = Float(share)
    return Tensor(
      coarse.shape, zip(fine.scalars, coarse.scalars).map { share * $0 + (1 - share) * $1 })
  }
}
