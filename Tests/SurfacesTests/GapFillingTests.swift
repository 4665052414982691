import Grids
import Surfaces
import Testing

@Suite struct GapFillingTests {
  let grid = Grid(width: 37, height: 29)

  /// Returns the values of a function of row and column, NaN where `isGap` is true.
  private func surface(
    _ value: (Int, Int) -> Float, isGap: (Int, Int) -> Bool
  ) -> [Float] {
    (0..<grid.height).flatMap { row in
      (0..<grid.width).map { isGap(row, $0) ? .nan : value(row, $0) }
    }
  }

  @Test func `existing values are unchanged, and all gaps are filled`() {
    let holed = surface({ Float($0 * 3 - $1) }) { ($0 * 7919 + $1 * 104_729) % 3 > 0 || $0 < 9 }
    let filled = Resampling.filled(holed, on: grid)
    #expect(filled.allSatisfy { !$0.isNaN })
    #expect(zip(holed, filled).allSatisfy { $0.isNaN || $0 == $1 })
  }

  @Test func `gaps in a constant surface are filled with the constant`() {
    let filled = Resampling.filled(
      surface({ _, _ in 5 }) { row, column in (4..<25).contains(row) && column > 3 }, on: grid)
    #expect(filled.allSatisfy { $0 == 5 })
  }

  @Test func `filled values are between the minimum and maximum around the gap`() {
    let filled = Resampling.filled(
      surface({ row, column in Float(row + column) }) { row, column in
        (10..<20).contains(row) && (10..<20).contains(column)
      }, on: grid)
    let gap = (10..<20).flatMap { row in (10..<20).map { filled[row * grid.width + $0] } }
    #expect(gap.allSatisfy { $0 >= 0 && $0 <= Float(grid.width + grid.height) })
    // The center of a gap in an inclined plane is filled with approximately the height of the plane, 29.
    #expect(abs(filled[14 * grid.width + 15] - 29) < 4)
  }

  @Test func `a surface without values is filled with zeros`() {
    let filled = Resampling.filled(surface({ _, _ in 1 }) { _, _ in true }, on: grid)
    #expect(filled.allSatisfy { $0 == 0 })
  }
}
