import Tensors
import Testing

@Suite struct ResamplingTests {
  /// Returns the plane 3 · row − 2 · column + channel, sampled at the given rows and columns.
  func plane(rows: [Double], columns: [Double]) -> Tensor {
    Naive.tensor([2, rows.count, columns.count, 3]) {
      3 * rows[$0[1]] - 2 * columns[$0[2]] + Double($0[3])
    }
  }

  func plane(_ rows: Int, _ columns: Int) -> Tensor {
    plane(rows: (0..<rows).map(Double.init), columns: (0..<columns).map(Double.init))
  }

  @Test(arguments: [(2, 2, 5, 7), (4, 6, 8, 12), (9, 5, 3, 2), (3, 3, 1, 1)])
  func `with aligned corner centers, a plane stays a plane from corner to corner`(
    rows: Int, columns: Int, newRows: Int, newColumns: Int
  ) {
    func positions(_ new: Int, _ old: Int) -> [Double] {
      (0..<new).map { new == 1 ? 0 : Double($0) * Double(old - 1) / Double(new - 1) }
    }
    let result = plane(rows, columns)
      .resampled(rows: newRows, columns: newColumns, aligning: .cornerCenters)
    let truth = plane(rows: positions(newRows, rows), columns: positions(newColumns, columns))
    #expect(result.error(to: truth) < 1e-6)
  }

  @Test(arguments: [(4, 4, 8, 12), (6, 4, 3, 2), (5, 7, 4, 9)])
  func `with aligned edges, a plane stays a plane between the first and last centers`(
    rows: Int, columns: Int, newRows: Int, newColumns: Int
  ) {
    func positions(_ new: Int, _ old: Int) -> [Double] {
      (0..<new).map { index in
        let center: Double = (Double(index) + 0.5) * Double(old) / Double(new) - 0.5
        return min(max(center, 0), Double(old - 1))
      }
    }
    let result = plane(rows, columns)
      .resampled(rows: newRows, columns: newColumns, aligning: .edges)
    let truth = plane(rows: positions(newRows, rows), columns: positions(newColumns, columns))
    #expect(result.error(to: truth) < 1e-6)
  }

  @Test(arguments: [Alignment.cornerCenters, .edges])
  func `resampling to the same size changes nothing`(alignment: Alignment) {
    let x = Tensor.random([1, 5, 8, 3], seed: 1)
    #expect(x.resampled(rows: 5, columns: 8, aligning: alignment) == x)
  }

  @Test(arguments: [(1, 1), (4, 6), (5, 7)])
  func `max pooling takes the maximum of each neighborhood`(rows: Int, columns: Int) {
    let x = Tensor.random([2, rows, columns, 3], seed: 2)
    // TensorFlow's SAME: an odd size has one pixel of padding before it, an even size has none.
    let (top, left) = (rows % 2, columns % 2)
    let truth = Naive.tensor([2, (rows + 1) / 2, (columns + 1) / 2, 3]) { index in
      var best = -Float.infinity
      for row in 2 * index[1] - top..<2 * index[1] - top + 3 {
        for column in 2 * index[2] - left..<2 * index[2] - left + 3
        where (0..<rows).contains(row) && (0..<columns).contains(column) {
          best = max(best, x[index[0], row, column, index[3]])
        }
      }
      return Double(best)
    }
    #expect(x.maxPooled() == truth)
  }

  @Test func `min-max normalization scales to 0…1 and maps a constant to 0`() {
    let x = Tensor.random([1, 6, 6, 1], in: 3...8, seed: 3).minMaxNormalized()
    #expect(x.range.minimum == 0)
    #expect(abs(x.range.maximum - 1) < 1e-6)
    #expect(Tensor([3], repeating: 4).minMaxNormalized() == Tensor([3]))
  }
}
