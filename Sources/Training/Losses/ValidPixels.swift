import Tensors

/// The pixels of an image with a valid truth, and their orders by height.
struct ValidPixels {
  /// The pixels' indices in the image, in row-major order.
  let pixels: [Int32]
  let prediction: [Float]
  let truth: [Float]
  /// Indices into these arrays, ascending by prediction.
  let byPrediction: [Int32]
  /// Indices into these arrays, ascending by truth.
  let byTruth: [Int32]

  /// Collects the valid pixels of an image.
  ///
  /// - Parameters:
  ///   - prediction: The predictions of a batch.
  ///   - truth: The truths of the batch; values that are not finite are void.
  ///   - range: The range of the image in both.
  init(_ prediction: Tensor, truth: Tensor, in range: Range<Int>) {
    let found = range.filter { truth.scalars[$0].isFinite }
    pixels = found.map { Int32($0 - range.lowerBound) }
    self.prediction = found.map { prediction.scalars[$0] }
    self.truth = found.map { truth.scalars[$0] }
    byPrediction = ascendingOrder(self.prediction)
    byTruth = ascendingOrder(self.truth)
  }

  /// Returns the i-th smallest truth.
  private func ranked(_ i: Int) -> Float { truth[Int(byTruth[i])] }

  /// Contexts that are equally wide ranges of height, from the minimum to the maximum of the truth.
  func rangesOfHeight(_ levels: Int) -> ContextHierarchy {
    ranges(levels) { share in
      let (low, high) = (ranked(0), ranked(truth.count - 1))
      // Without this, rounding could move the last bound above the highest pixel, which must be in no range.
      return share == 1 ? high : low + (high - low) * share
    }
  }

  /// Contexts between quantiles of the truth, interpolated linearly like `torch.quantile`.
  func rangesOfQuantiles(_ levels: Int) -> ContextHierarchy {
    ranges(levels) { share in
      let rank = share * Float(truth.count - 1)
      let below = Int(rank)
      let weight = rank - Float(below)
      let (low, high) = (ranked(below), ranked(min(below + 1, truth.count - 1)))
      return weight < 0.5 ? low + weight * (high - low) : high - (high - low) * (1 - weight)
    }
  }

  /// Contexts of heights in half-open ranges: from one bound up to, but not including, the next.
  private func ranges(_ levels: Int, _ bound: (Float) -> Float) -> ContextHierarchy {
    let bins = 1 << (levels - 1)
    let edges =
      truth.isEmpty
      ? Array(repeating: 0, count: bins + 1)
      : (0...bins).map { place(of: bound(Float($0) / Float(bins))) }
    return ContextHierarchy(order: byTruth, edges: edges, branching: 2, levels: levels)
  }

  /// Returns the number of truths below a bound.
  private func place(of bound: Float) -> Int {
    var (low, high) = (0, truth.count)
    while low < high {
      let middle = (low + high) / 2
      if ranked(middle) < bound { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Contexts by position: a grid of equally many squares along each side of the image.
  func squares(_ levels: Int, rows: Int, columns: Int) -> ContextHierarchy {
    let side = 1 << (levels - 1)
    /// Returns the band of each line; band i starts at ⌊i · count / side⌋.
    func bands(_ count: Int) -> [Int] {
      (0..<side).flatMap { (band: Int) -> [Int] in
        let (first, next) = (band * count / side, (band + 1) * count / side)
        return [Int](repeating: band, count: next - first)
      }
    }
    let (down, across) = (bands(rows), bands(columns))
    let squares = pixels.map { pixel in
      let (row, column) = Int(pixel).quotientAndRemainder(dividingBy: columns)
      return Self.interleaved(down[row], across[column])
    }
    var edges = [Int](repeating: 0, count: side * side + 1)
    for square in squares { edges[square + 1] += 1 }
    for square in 0..<side * side { edges[square + 1] += edges[square] }
    var (next, order) = (edges, [Int32](repeating: 0, count: pixels.count))
    for (place, square) in squares.enumerated() {
      order[next[square]] = Int32(place)
      next[square] += 1
    }
    return ContextHierarchy(order: order, edges: edges, branching: 4, levels: levels)
  }

  /// Interleaves the bits of row and column, so that the four squares of a larger one are consecutive (Morton order).
  ///
  /// Source: G. M. Morton, IBM, 1966.
  private static func interleaved(_ row: Int, _ column: Int) -> Int {
    (0..<3).reduce(0) { $0 | (row >> $1 & 1) << (2 * $1 + 1) | (column >> $1 & 1) << (2 * $1) }
  }
}
