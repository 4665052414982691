import Training
import Tensors
import Testing

/// Losses that compare pixel values or differences between pixels.
@Suite struct PixelLossTests {
  private let shape: Shape = [2, 19, 14, 2]

  private func truth(voids: Float) -> Tensor {
    let kept = Tensor.random(shape, in: 0...1, seed: 3).scalars
    let truth = Tensor.random(shape, seed: 1).scalars
    return Tensor(shape, zip(truth, kept).map { $1 < voids ? .nan : $0 })
  }

  private var prediction: Tensor { .random(shape, seed: 2) }

  @Test func `the mean absolute difference is over the pixels with a truth`() {
    let truth = Tensor([1, 2, 2, 1], [1, .nan, 3, -2])
    let loss = L1Loss()(Tensor([1, 2, 2, 1], [0, 5, 3, 2]), truth: truth)
    let third = 1 / Float(3)
    #expect(abs(loss.value - 5.0 / 3) < 1e-15)
    #expect(loss.gradient.scalars == [-third, 0, 0, third])
  }

  /// A plane whose slope is off by 1 per column has Σ |∇ₓ R| = step · (columns − 1) at each scale with `columns`
  /// pixels.
  @Test func `a wrong slope has the expected loss at each scale`() {
    let shape: Shape = [1, 8, 8, 1]
    let plane = Tensor(shape, (0..<64).map { Float($0 % 8) })
    let loss = GradientMatchingLoss()(plane, truth: Tensor(shape, repeating: 5))
    // 8 columns with 7 steps of 1; 4 with 3 steps of 2; 2 with one of 4; 1 with none.
    #expect(abs(loss.value - (7.0 / 8 + 6.0 / 4 + 4.0 / 2)) < 1e-12)
  }

  /// A plane of 3 across and 4 down is as steep as a plane of 5 across.
  @Test func `slopes are compared regardless of their direction`() {
    let shape: Shape = [1, 6, 7, 1]
    func plane(_ across: Float, _ down: Float) -> Tensor {
      Tensor(shape, (0..<42).map { across * Float($0 % 7) + down * Float($0 / 7) })
    }
    #expect(SlopeLoss()(plane(3, 4), truth: plane(5, 0)).value == 0)
    #expect(SlopeLoss()(plane(3, 4), truth: plane(0, -2)).value == 3)
    // All neighbors of the interior pixels are void.
    let void = Tensor(shape, repeating: .nan)
    #expect(SlopeLoss()(plane(3, 4), truth: void) == Loss(value: 0, gradient: Tensor(shape)))
  }

  @Test func `an offset does not affect gradient matching`() {
    let truth = truth(voids: 0.2)
    let right = Tensor(shape, truth.scalars.map { $0.isNaN ? 9 : $0 + 0.25 })
    #expect(GradientMatchingLoss()(right, truth: truth).value < 1e-6)
  }

  /// Compared with the sum over pixels of a subsampled image, in Double.
  @Test(arguments: [0, 0.3, 0.95] as [Float])
  func `gradient matching compares the subsampled images`(voids: Float) {
    let (prediction, truth) = (prediction, truth(voids: voids))
    var expected = 0.0
    for scale in 0..<4 {
      var (sum, count) = (0.0, 0)
      for image in 0..<2 {
        for channel in 0..<2 {
          func residual(_ row: Int, _ column: Int) -> Double? {
            let (y, x) = (row << scale, column << scale)
            guard y < 19, x < 14, truth[image, y, x, channel].isFinite else { return nil }
            return Double(prediction[image, y, x, channel] - truth[image, y, x, channel])
          }
          for row in 0..<19 {
            for column in 0..<14 {
              guard let here = residual(row, column) else { continue }
              count += 1
              if let right = residual(row, column + 1) { sum += abs(right - here) }
              if let below = residual(row + 1, column) { sum += abs(below - here) }
            }
          }
        }
      }
      if count > 0 { expected += sum / Double(count) }
    }
    let loss = GradientMatchingLoss()(prediction, truth: truth)
    // Differences of Float residuals are rounded one more time.
    #expect(abs(loss.value - expected) < 1e-6 * expected)
  }

  /// Reference values from PyTorch 2.13 with the loss that the paper's authors published.
  ///
  /// ```python
  /// def gradient_loss(prediction, target, mask):
  ///     diff = mask * (prediction - target)
  ///     x = torch.abs(diff[:, :, 1:] - diff[:, :, :-1]) * mask[:, :, 1:] * mask[:, :, :-1]
  ///     y = torch.abs(diff[:, 1:, :] - diff[:, :-1, :]) * mask[:, 1:, :] * mask[:, :-1, :]
  ///     return (x.sum((1, 2)) + y.sum((1, 2))).sum() / mask.sum()
  /// def numbers(k, m): return torch.tensor([(k * i % m) / m for i in range(240)]).reshape(2, 12, 10)
  /// p, t = numbers(37, 101).requires_grad_(), numbers(53, 89)
  /// mask = torch.tensor([float(i % 7 != 3) for i in range(240)]).reshape(2, 12, 10)
  /// loss = sum(gradient_loss(*(m[:, :: 2**s, :: 2**s] for m in (p, t, mask))) for s in range(4))
  /// loss.backward()
  /// print(loss.item(), p.grad.flatten()[::24].tolist(), p.grad.double().norm().item())
  /// ```
  @Test func `gradient matching and its gradient match the authors' program`() {
    let shape: Shape = [2, 12, 10, 1]
    let prediction = Tensor(shape, (0..<240).map { Float($0 * 37 % 101) / 101 })
    let truth = Tensor(shape, (0..<240).map { $0 % 7 == 3 ? Float.nan : Float($0 * 53 % 89) / 89 })
    let loss = GradientMatchingLoss()(prediction, truth: truth)
    #expect(abs(loss.value - 2.44900942) < 1e-6)
    let expected: [Float] = [
      -0.138002783, 0, 0.0481236018, -0.00485436898, -0.00970873795, 0.1539395, 0.0722554177,
      0.0625466779, 0, -0.0145631069,
    ]
    for (i, slope) in expected.enumerated() {
      #expect(abs(loss.gradient.scalars[24 * i] - slope) < 1e-7)
    }
    let norm = loss.gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    #expect(abs(norm - 1.0537918610347203) < 1e-6)
  }

  @Test(arguments: [0, 0.3] as [Float])
  func `gradients match finite differences of the values`(voids: Float) {
    let truth = truth(voids: voids)
    // Values are exact to Float's 10⁻⁷ of a difference; over a step of 10⁻³ that is 10⁻⁴ of its slope.
    expectGradientWithVoids(truth) { L1Loss()($0, truth: truth) }
    expectGradientWithVoids(truth) { GradientMatchingLoss()($0, truth: truth) }
    expectGradientWithVoids(truth) { SlopeLoss()($0, truth: truth) }
    expectGradientWithVoids(truth) {
      L1Loss()($0, truth: truth) + 0.5 * GradientMatchingLoss(scales: 2)($0, truth: truth)
    }
  }

  private func expectGradientWithVoids(
    _ truth: Tensor, sourceLocation: SourceLocation = #_sourceLocation, of loss: (Tensor) -> Loss
  ) {
    expectGradient(
      at: prediction, step: 1e-3, tolerance: 1e-3, sourceLocation: sourceLocation, of: loss)
    let gradient = loss(prediction).gradient.scalars
    #expect(zip(gradient, truth.scalars).allSatisfy { $1.isFinite || $0 == 0 })
  }

  @Test func `without truth the loss is 0, and for invalid predictions it is NaN`() {
    let void = Tensor(shape, repeating: .nan)
    let nothing = Loss(value: 0, gradient: Tensor(shape))
    #expect(L1Loss()(prediction, truth: void) == nothing)
    #expect(GradientMatchingLoss()(prediction, truth: void) == nothing)
    var sick = prediction.scalars
    sick[100] = .infinity
    #expect(L1Loss()(Tensor(shape, sick), truth: prediction).value.isNaN)
    #expect(GradientMatchingLoss()(Tensor(shape, sick), truth: prediction).value.isNaN)
  }

  @Test func `results are bit-identical for any number of threads`() {
    let truth = truth(voids: 0.2)
    let one = GradientMatchingLoss()(prediction, truth: truth)
    let two = Parallel.$workers.withValue(2) { GradientMatchingLoss()(prediction, truth: truth) }
    #expect(one == two)
  }
}
