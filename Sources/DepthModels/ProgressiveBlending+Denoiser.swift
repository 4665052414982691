public import TileModels
public import Tensors

extension ProgressiveBlending {
  /// Runs all steps, or those before a given one.
  ///
  /// - Parameters:
  ///   - coarse: The coarse map or its latent: `[batch, row, column, outputs]` with the denoiser's `outputs`.
  ///   - image: The image or its latent: `[batch, row, column, inputs − outputs]`.
  ///   - denoiser: The network, which is evaluated once per step.
  ///   - last: The step whose input is returned instead of the result; nil runs all steps. Requires that no step is
  ///     skipped.
  ///   - observe: Called with the blend after each step.
  /// - Returns: The last blend.
  public func refine(
    _ coarse: Tensor, image: Tensor, by denoiser: DenoiseUNet, before last: Int? = nil,
    observe: (Step, Tensor) -> Void = { _, _ in }
  ) -> Tensor {
    precondition(
      last == nil || evaluations == steps,
      "evaluations is \(evaluations), expected \(steps) to stop before a step")
    let features = denoiser.features(of: image)
    var blend = coarse
    for step in self.prefix(while: { step in last.map { step.index > $0 } ?? true }) {
      let estimate = denoiser(blend, features: features, step: step.index)
      blend = Self.blend(estimate, coarse, share: step.share)
      observe(step, blend)
    }
    return blend
  }
}
