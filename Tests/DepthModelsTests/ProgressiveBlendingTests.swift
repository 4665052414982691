import DepthModels
import Testing

@Suite struct ProgressiveBlendingTests {
  @Test func `six steps have the weights given in the paper`() {
    let blending = ProgressiveBlending(steps: 6, epsilon: 0.8)
    let expected = [0.16, 0.32, 0.48, 0.64, 0.8, 1]
    #expect(blending.map(\.index) == [5, 4, 3, 2, 1, 0])
    for (step, share) in zip(blending, expected) { #expect(abs(step.share - share) < 1e-15) }
    #expect(blending.share(of: 5) == 0)
    #expect(blending.share(of: 0) == 0.8)
  }

  @Test(arguments: [1, 2, 3, 10, 50], [0.3, 0.8, 1.0])
  func `weights increase linearly to ε, and the last estimate has weight 1`(
    steps: Int, epsilon: Double
  ) {
    let shares = ProgressiveBlending(steps: steps, epsilon: epsilon).map(\.share)
    #expect(shares.count == steps)
    #expect(shares.last == 1)
    for (index, share) in shares.dropLast().enumerated() {
      #expect(abs(share - epsilon * Double(index + 1) / Double(steps - 1)) < 1e-12)
    }
  }

  @Test(arguments: [1, 2, 6])
  func `stopping at step 1 omits the last estimate`(steps: Int) {
    var blending = ProgressiveBlending(steps: steps, epsilon: 0.8)
    let whole = Array(blending)
    blending.stopsAtOne = true
    #expect(Array(blending) == whole.dropLast())
  }

  @Test(arguments: [1, 2, 3, 5])
  func `fewer evaluations are spread over all steps and keep the weight trained at each`(
    evaluations: Int
  ) {
    let all = ProgressiveBlending(steps: 6, epsilon: 0.8)
    let few = Array(ProgressiveBlending(steps: 6, epsilon: 0.8, evaluations: evaluations))
    #expect(few.count == evaluations)
    #expect(few[0].index == 5, "only step 5 was trained with the coarse map alone")
    #expect(evaluations == 1 || few.last?.index == 0)
    for (step, next) in zip(few, few.dropFirst()) {
      #expect(next.index < step.index)
      #expect(step.share == all.share(of: next.index))
    }
    #expect(few.last?.share == 1)
  }
}
