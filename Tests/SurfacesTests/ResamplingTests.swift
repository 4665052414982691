import Grids
import Surfaces
import Testing

@Suite struct ResamplingTests {
  private func resample(_ values: [Float], from source: Grid, to target: Grid) -> [Float] {
    Resampling(from: source, to: target).apply(values, to: target.window)
  }

  @Test func `downsampling by two averages four pixels`() {
    let values: [Float] = [1, 2, 3, 4, 5, 6, 7, 8]
    let result = resample(values, from: Grid(width: 4, height: 2), to: Grid(width: 2, height: 1))
    #expect(result == [3.5, 5.5])
  }

  @Test(arguments: [(7, 3), (3, 7), (10, 10), (13, 4), (1, 5)])
  func `a constant stays constant`(from: Int, to: Int) {
    let source = Grid(width: from, height: from)
    let result = resample(
      Array(repeating: 4.5, count: from * from), from: source, to: Grid(width: to, height: to))
    #expect(result.allSatisfy { abs($0 - 4.5) < 1e-6 })
  }

  @Test(arguments: [(12, 4), (12, 5), (4, 12), (5, 12)])
  func `a plane stays a plane at pixel centers`(from: Int, to: Int) {
    let scale = Float(from) / Float(to)
    let result = resample(
      (0..<from).map { Float($0) + 0.5 }, from: Grid(width: from, height: 1),
      to: Grid(width: to, height: 1))
    // A pixel cut by a target's edge is treated as flat, which changes the mean by at most an eighth of its rise.
    let tolerance: Float = scale > 1 && from % to != 0 ? 0.125 : 1e-4
    // Beyond the outermost centers, upsampling repeats the border.
    for i in 1..<to - 1 {
      let center = (Float(i) + 0.5) * scale
      let expected = scale < 1 ? min(max(center, 0.5), Float(from) - 0.5) : center
      #expect(abs(result[i] - expected) < tolerance)
    }
  }

  @Test func `downsampling preserves the mean`() {
    let values = (0..<15 * 11).map { Float(($0 * 37) % 19) }
    let result = resample(values, from: Grid(width: 15, height: 11), to: Grid(width: 4, height: 3))
    let mean = { (v: [Float]) in v.reduce(0, +) / Float(v.count) }
    #expect(abs(mean(values) - mean(result)) < 1e-4)
  }

  @Test func `missing pixels are ignored, and a target pixel without source values is missing`() {
    let nan = Float.nan
    let result = resample(
      [1, nan, nan, nan, 3, nan, nan, nan], from: Grid(width: 4, height: 2),
      to: Grid(width: 2, height: 1))
    #expect(result[0] == 2 && result[1].isNaN)
  }

  @Test(arguments: [(40, 17), (17, 40), (30, 10)])
  func `windows are bit-identical to the whole`(from: Int, to: Int) {
    let source = Grid(width: from, height: from)
    let target = Grid(width: to, height: to)
    let values = (0..<from * from).map { Float(($0 * 7919) % 101) }
    let resampling = Resampling(from: source, to: target)
    let whole = resampling.apply(values, to: target.window)
    let window = Window(column: to / 3, row: to / 2, width: to / 3, height: to / 4)
    let needed = resampling.sourceWindow(for: window)
    let part = needed.rows.flatMap { row in needed.columns.map { values[row * from + $0] } }
    let result = resampling.apply(part, to: window)
    let expected = window.rows.flatMap { row in window.columns.map { whole[row * to + $0] } }
    #expect(result == expected)
  }

  @Test func `channels are resampled independently`() {
    let result = Resampling(from: Grid(width: 2, height: 1), to: Grid(width: 1, height: 1))
      .apply([1, 10, 3, 30], to: Window(column: 0, row: 0, width: 1, height: 1), channels: 2)
    #expect(result == [2, 20])
  }
}

@Suite struct ResamplingChoiceTests {
  @Test(arguments: [(10, 7), (7, 10), (9, 9), (12, 24), (24, 12), (1, 5)])
  func `nearest selects the pixel at the center, and greatest the maximum source pixel`(
    source: Int, target: Int
  ) {
    let resampling = Resampling(
      from: Grid(width: source, height: 2), to: Grid(width: target, height: 2))
    let window = Window(column: target / 3, row: 0, width: target - target / 3, height: 2)
    let place = resampling.sourceWindow(for: window)
    let numbers = place.rows.flatMap { row in place.columns.map { UInt8(100 * row + $0) } }
    let nearest = resampling.nearest(numbers, to: window)
    let greatest = resampling.greatest(numbers, to: window)
    for (index, column) in window.columns.enumerated() {
      // In units of 1 / (2 · target) of the total width, which are exact.
      let center = (2 * column + 1) * source
      #expect(Int(nearest[index]) == center / (2 * target))
      #expect(Int(nearest[window.width + index]) == 100 + center / (2 * target))
      // A target pixel depends on a source pixel if it has a value when all other source pixels are missing.
      let sources = place.columns.filter { pixel in
        let bare = numbers.map { Int($0) % 100 == pixel ? Float(1) : .nan }
        return !resampling.apply(bare, to: window)[index].isNaN
      }
      #expect(Int(greatest[index]) == sources.max())
    }
  }

  /// The window extends from the first to the last pixel, for any number of pixels in between.
  @Test(arguments: [(1, 1_000_000_000_000), (2_147_483_647, 1_000_000), (1_000_000, 2_147_483_647)])
  func `the source window of a whole grid is the whole source, and is computed in constant time`(
    from: Int, to: Int
  ) {
    let (source, target) = (Grid(width: from, height: 1), Grid(width: to, height: 1))
    #expect(
      Resampling(from: source, to: target).sourceWindow(for: target.window) == source.window)
  }

  /// Finds the target pixels that depend on a source pixel by making all other pixels missing.
  @Test(arguments: [(12, 5), (5, 12), (7, 7), (300, 7), (1, 9)])
  func `the source window of a part contains exactly the pixels that the part depends on`(
    from: Int, to: Int
  ) {
    let (source, target) = (Grid(width: from, height: 1), Grid(width: to, height: 1))
    let resampling = Resampling(from: source, to: target)
    for first in 0..<to {
      for end in first + 1...to {
        let part = Window(column: first, row: 0, width: end - first, height: 1)
        let window = resampling.sourceWindow(for: part)
        let sources = (0..<from).filter { pixel in
          var values = [Float](repeating: .nan, count: from)
          values[pixel] = 1
          return resampling.apply(values, to: target.window)[first..<end].contains { !$0.isNaN }
        }
        #expect(window.columns == sources.first!..<sources.last! + 1)
      }
    }
  }
}
