import Tensors
import Testing

@Suite struct SquareSymmetryTests {
  /// Returns a map whose elements are their own indices.
  private func map(_ rows: Int, _ columns: Int, channels: Int = 2) -> Tensor {
    let shape: Shape = [2, rows, columns, channels]
    return Tensor(shape, (0..<shape.count).map(Float.init))
  }

  @Test func `there are eight symmetries, with the identity first and swaps last`() {
    #expect(
      SquareSymmetry.all.count == 8 && Set(SquareSymmetry.all).count == 8
        && SquareSymmetry.all[0] == .identity)
    #expect(
      SquareSymmetry.all.map(\.swapsAxes) == [false, false, false, false, true, true, true, true])
    #expect(Set(SquareSymmetry.all.map { map(3, 3).turned(by: $0).scalars }).count == 8)
  }

  @Test(arguments: [(1, 1), (1, 5), (3, 3), (4, 7), (33, 20)])
  func `the inverse undoes a symmetry for any size`(rows: Int, columns: Int) {
    let map = map(rows, columns)
    for turn in SquareSymmetry.all {
      let turned = map.turned(by: turn)
      #expect(
        turned.shape.dims == (turn.swapsAxes ? [2, columns, rows, 2] : [2, rows, columns, 2]))
      #expect(turned.turned(by: turn.inverse) == map, "\(turn)")
    }
  }

  @Test func `the composition of two symmetries is the symmetry that followed returns`() {
    let map = map(3, 5)
    for first in SquareSymmetry.all {
      #expect(Set(SquareSymmetry.all.map(first.followed)).count == 8)
      #expect(first.followed(by: first.inverse) == .identity)
      for second in SquareSymmetry.all {
        let both = map.turned(by: first).turned(by: second)
        #expect(both == map.turned(by: first.followed(by: second)), "\(first), then \(second)")
      }
    }
  }

  @Test func `rows and columns are reversed, then swapped`() {
    let map = Tensor([1, 2, 3, 1], [1, 2, 3, 4, 5, 6])
    func turned(_ rows: Bool, _ columns: Bool, _ swaps: Bool) -> [Float] {
      map.turned(by: SquareSymmetry(reversesRows: rows, reversesColumns: columns, swapsAxes: swaps))
        .scalars
    }
    #expect(turned(true, false, false) == [4, 5, 6, 1, 2, 3])
    #expect(turned(false, true, false) == [3, 2, 1, 6, 5, 4])
    #expect(turned(true, true, false) == [6, 5, 4, 3, 2, 1])
    #expect(turned(false, false, true) == [1, 4, 2, 5, 3, 6])
    #expect(turned(true, false, true) == [4, 1, 5, 2, 6, 3], "rotation by 90°")
  }
}
