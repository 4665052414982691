import Grids
import Surfaces
import Testing

@Suite struct GapFillingTests {
  let grid = Grid(width: 37, height: 29)

  /// Values of a function of row and column, NaN where `isGap` says so.
  private func surface(
    _ value: (Int, Int) -> Float, isGap: (Int, Int) -> Bool
  ) -> [Float] {
    (0..<grid.height).flatMap { row in
      (0..<grid.width).map { isGap(row, $0) ? .nan : value(row, $0) }
    }
  }

  @Test func `values that are there stay, and no gap does`() {
    let holed = surface({ Float($0 * 3 - $1) }) { ($0 * 7919 + $1 * 104_729) % 3 > 0 || $0 < 9 }
    let filled = Resampling.filled(holed, on: grid)
    #expect(filled.allSatisfy { !$0.isNaN })
    #expect(zip(holed, filled).allSatisfy { $0.isNaN || $0 == $1 })
  }

  @Test func `a level surface is level in its gaps`() {
    let filled = Resampling.filled(
      surface({ _, _ in 5 }) { row, column in (4..<25).contains(row) && column > 3 }, on: grid)
    #expect(filled.allSatisfy { $0 == 5 })
  }

  @Test func `a gap lies between the least and the greatest around it`() {
    let filled = Resampling.filled(
      surface({ row, column in Float(row + column) }) { row, column in
        (10..<20).contains(row) && (10..<20).contains(column)
      }, on: grid)
    let gap = (10..<20).flatMap { row in (10..<20).map { filled[row * grid.width + $0] } }
    #expect(gap.allSatisfy { $0 >= 0 && $0 <= Float(grid.width + grid.height) })
    // The middle of a sloping plane is closed at about its height: 29 there.
    #expect(abs(filled[14 * grid.width + 15] - 29) < 4)
  }

  @Test func `without any value there is nothing but zero`() {
    let filled = Resampling.filled(surface({ _, _ in 1 }) { _, _ in true }, on: grid)
    #expect(filled.allSatisfy { $0 == 0 })
  }
}
