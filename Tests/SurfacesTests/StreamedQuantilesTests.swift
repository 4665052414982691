import Surfaces
import Testing

@Suite struct StreamedQuantilesTests {
  /// Computes the same quantiles by sorting.
  private func sorted(_ shares: [Double], _ numbers: [Float]) -> [Float] {
    let known = numbers.filter { !$0.isNaN }.sorted()
    return shares.map { known[Int($0 * Double(known.count - 1))] }
  }

  @Test(arguments: [1, 2, 3, 20, 21, 10_000])
  func `quantiles are bit-identical to those of the sorted values`(count: Int) throws {
    var state: UInt32 = 1
    let numbers = (0..<count).map { _ -> Float in
      state = state &* 1_664_525 &+ 1_013_904_223
      // Values of both signs and many magnitudes, some of them close together.
      return state % 5 == 0 ? 1 + Float(state >> 24) * .ulpOfOne : Float(bitPattern: state)
    }
    guard numbers.contains(where: { !$0.isNaN }) else { return }
    let shares = [0, 0.05, 0.5, 0.501, 0.95, 1]
    let found = try #require(
      StreamedQuantiles.find(shares) { take in
        for start in stride(from: 0, to: count, by: 7) {
          take(Array(numbers[start..<min(start + 7, count)]))
        }
      })
    #expect(found.values.map(\.bitPattern) == sorted(shares, numbers).map(\.bitPattern))
    #expect(found.count == numbers.count { !$0.isNaN })
  }

  @Test func `an input without values has no quantiles`() {
    #expect(StreamedQuantiles.find([0.5]) { $0([.nan, .nan]) } == nil)
  }
}
