import Foundation
import Training
import Testing

@Suite struct ScheduleTests {
  /// The loop of the original programs, reduced to the rule.
  private func original(
    rate: Double, patience: Int, factor: Double, losses: [Double]
  ) -> [(rate: Double, isBest: Bool)] {
    var (rate, counter, best) = (rate, 0, Double.infinity)
    return losses.map { loss in
      let trainedWith = rate
      counter += 1
      if counter >= patience {
        rate *= factor
        counter = 0
      }
      let isBest = loss < best
      if isBest {
        counter = 0
        best = loss
      }
      return (trainedWith, isBest)
    }
  }

  private func trace(
    _ schedule: PlateauSchedule, _ losses: [Double]
  ) -> [(rate: Double, isBest: Bool)] {
    var schedule = schedule
    return losses.map { loss in
      let rate = schedule.learningRate
      schedule.finishEpoch()
      return (rate, schedule.validate(loss))
    }
  }

  /// Computed by hand: in the fifth epoch since the last improvement the rate shrinks before the validation, which
  /// improves.
  @Test func `the rate shrinks before the validation of its epoch`() {
    let losses = [5, 4, 6, 6, 6, 6, 3, 3, 3, 3, 3, 3, 3, 3.0]
    let found = trace(PlateauSchedule(learningRate: 1, patience: 5, factor: 0.5), losses)
    #expect(found.map(\.rate) == [1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25])
    let best = [0, 1, 6]
    #expect(found.map(\.isBest) == losses.indices.map(best.contains))
  }

  @Test(arguments: [(1, 0.5), (2, 0.6), (4, 0.5), (5, 0.6), (10, 0.5)])
  func `the schedule follows the original's loop`(patience: Int, factor: Double) {
    var losses: [Double] = (0..<200).map { epoch in
      let noise = Double(epoch * 7919 % 31) / 100
      return 3 / Double(epoch + 9) + noise
    }
    losses += [.nan, -1, -1]
    let found = trace(
      PlateauSchedule(learningRate: 5e-5, patience: patience, factor: factor), losses)
    let expected = original(rate: 5e-5, patience: patience, factor: factor, losses: losses)
    #expect(found.map(\.rate) == expected.map(\.rate))
    #expect(found.map(\.isBest) == expected.map(\.isBest))
  }

  @Test func `a schedule resumes from a stored state`() throws {
    var schedule = PlateauSchedule(learningRate: 1, patience: 3, factor: 0.5)
    func encoded() throws -> PlateauSchedule {
      try JSONDecoder().decode(PlateauSchedule.self, from: JSONEncoder().encode(schedule))
    }
    #expect(try encoded() == schedule)
    for loss in [3, 2, 4, 4, 4, 4, 1, 7] as [Double] {
      schedule.finishEpoch()
      _ = schedule.validate(loss)
      #expect(try encoded() == schedule)
    }
    #expect(schedule.best == 1 && schedule.learningRate == 0.5)
  }

  @Test func `the rate rises linearly and falls along a half cosine`() {
    let schedule = WarmupCosineSchedule(peak: 8, floor: 2, warmup: 4, steps: 13)
    #expect((0..<5).map(schedule.learningRate) == [2, 4, 6, 8, 8])
    #expect(schedule.learningRate(at: 8) == 5)
    #expect(schedule.learningRate(at: 12) == 2 && schedule.learningRate(at: 99) == 2)
    let rates = (4..<13).map(schedule.learningRate)
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 > $1 })
    // The fall is symmetric about its midpoint.
    for (a, b) in zip(rates, rates.reversed()) { #expect(abs(a + b - 10) < 1e-12) }
    #expect(WarmupCosineSchedule(peak: 3, steps: 1).learningRate(at: 0) == 3)
  }
}
