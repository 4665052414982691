/// Morphological opening of a height raster, which removes objects that are narrower than a square window.
///
/// A moving minimum is followed by a moving maximum. Planes are preserved; houses and trees are removed.
/// Source: K. Zhang et al., IEEE Transactions on Geoscience and Remote Sensing 41, 2003, doi:10.1109/TGRS.2003.810682.
enum MorphologicalOpening {
  /// Returns the fraction of pixels that are above the opened surface by more than a given height.
  ///
  /// Counts only pixels at least 2 · radius from every edge, so that all windows involved lie inside the raster.
  /// O(pixels).
  ///
  /// - Parameters:
  ///   - heights: `[row, column]`, NaN where there is no height.
  ///   - width: The number of columns.
  ///   - radius: The window has 2 · radius + 1 pixels on each side.
  ///   - above: The minimum height above the opened surface, in the unit of the heights.
  /// - Returns: nil if no pixel is counted.
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

  /// Returns the opened surface; voids affect neither the minimum nor the maximum.
  static func apply(_ heights: [Float], width: Int, radius: Int) -> [Float] {
    let height = width > 0 ? heights.count / width : 0
    var values = heights.map { $0.isNaN ? Float.infinity : $0 }
    // The maximum is the minimum of the negated values.
    for pass in 0..<2 {
      if pass == 1 { values = values.map { $0 == .infinity ? .infinity : -$0 } }
      for row in 0..<height {
        lowest(&values, first: row * width, step: 1, count: width, radius)
      }
      for column in 0..<width {
        lowest(&values, first: column, step: width, count: height, radius)
      }
    }
    return values.map { -$0 }
  }

  /// Replaces each value on a line with the minimum of its neighborhood, using a monotonic queue.
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
