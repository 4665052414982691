/// What stands on the ground, by a morphological opening: the surface without what is narrower than a square.
///
/// The lowest of a square around each pixel, and of these the highest: planes stay as they are, houses and trees go.
/// (K. Zhang et al., IEEE Transactions on Geoscience and Remote Sensing 41, 2003, doi:10.1109/TGRS.2003.810682.)
enum GroundOpening {
  /// The share of the pixels that stand above the opened surface by more than a height.
  ///
  /// Only pixels count whose square and those of its pixels lie inside. O(pixels).
  ///
  /// - Parameters:
  ///   - heights: `[row, column]`, NaN where there is none.
  ///   - width: Columns.
  ///   - radius: The square has 2 · radius + 1 pixels along its side.
  ///   - above: In the unit of the heights.
  /// - Returns: nil where no pixel counts.
  static func share(_ heights: [Float], width: Int, radius: Int, above: Float) -> Double? {
    let height = width > 0 ? heights.count / width : 0
    let opened = apply(heights, width: width, radius: radius)
    var (standing, all) = (0, 0)
    for row in Swift.stride(from: 2 * radius, to: height - 2 * radius, by: 1) {
      for column in Swift.stride(from: 2 * radius, to: width - 2 * radius, by: 1) {
        let i = row * width + column
        guard !heights[i].isNaN, opened[i].isFinite else { continue }
        all += 1
        if heights[i] - opened[i] > above { standing += 1 }
      }
    }
    return all > 0 ? Double(standing) / Double(all) : nil
  }

  /// The opened surface; voids count neither as low nor as high.
  static func apply(_ heights: [Float], width: Int, radius: Int) -> [Float] {
    let height = width > 0 ? heights.count / width : 0
    var values = heights.map { $0.isNaN ? Float.infinity : $0 }
    // The highest is the lowest of what is turned round.
    for turn in 0..<2 {
      if turn == 1 { values = values.map { $0 == .infinity ? .infinity : -$0 } }
      for row in 0..<height {
        lowest(&values, first: row * width, step: 1, count: width, radius)
      }
      for column in 0..<width {
        lowest(&values, first: column, step: width, count: height, radius)
      }
    }
    return values.map { -$0 }
  }

  /// The lowest of the neighbours along a line, by a queue of those that can still be it.
  ///
  /// Source: D. Lemire, "Streaming maximum-minimum filter using no more than three comparisons per element", 2006,
  /// arXiv:cs/0610046.
  private static func lowest(
    _ values: inout [Float], first: Int, step: Int, count: Int, _ radius: Int
  ) {
    let line = (0..<count).map { values[first + $0 * step] }
    var queue = [Int](repeating: 0, count: count)
    var (head, tail) = (0, 0)
    for i in 0..<count + radius {
      if i < count {
        while tail > head, line[queue[tail - 1]] >= line[i] { tail -= 1 }
        queue[tail] = i
        tail += 1
      }
      let center = i - radius
      guard center >= 0 else { continue }
      while queue[head] < center - radius { head += 1 }
      values[first + center * step] = line[queue[head]]
    }
  }
}
