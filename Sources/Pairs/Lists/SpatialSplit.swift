import Grids
import Scenes
import Tensors

/// Assigns areas to training, validation and test so that no area is in more than one split.
///
/// Neighboring pixels are correlated: a random split of tiles tests a network next to the areas that it was trained on,
/// and overestimates its accuracy (P. Ploton et al., Nature Communications 11, 2020, doi:10.1038/s41467-020-18321-y).
/// Therefore whole sites are assigned, or blocks with gaps between those of different splits.
public struct SpatialSplit: Sendable, Hashable {
  /// The fraction of the total area for each split; the fractions sum to 1.
  public var fractions: [Pair.Split: Double]
  /// The seed of the random assignment.
  public var seed: UInt64 = 42

  /// Creates a split with the given fractions.
  ///
  /// - Parameters:
  ///   - train: The fraction for training.
  ///   - validation: The fraction for validation.
  ///   - test: The fraction for the test.
  /// - Throws: `SceneError` if a fraction is negative or they do not sum to 1.
  public init(train: Double = 0.8, validation: Double = 0.1, test: Double = 0.1) throws {
    let all = [train, validation, test]
    guard all.allSatisfy({ $0 >= 0 }), abs(all.reduce(0, +) - 1) < 1e-6 else {
      throw SceneError(
        .usage,
        "the fractions are \(train), \(validation) and \(test), expected numbers ≥ 0 that sum to 1")
    }
    fractions = [.train: train, .validation: validation, .test: test]
  }

  /// Assigns a split to each of several areas.
  ///
  /// Areas are assigned in random order, large ones first, each to the split that is furthest below its fraction. Every
  /// split with a nonzero fraction gets at least one area.
  ///
  /// - Parameter sizes: The size of each area, for example in pixels.
  /// - Returns: The split of each area, in the order of `sizes`.
  /// - Throws: `SceneError` if there are fewer areas than splits with a nonzero fraction.
  func draw(_ sizes: [Int]) throws -> [Pair.Split] {
    let wanted = Pair.Split.allCases.filter { (fractions[$0] ?? 0) > 0 }
    guard sizes.count >= wanted.count else {
      throw SceneError(
        .badData,
        "there are \(sizes.count) sites or blocks for \(wanted.count) splits, expected at least one for each split"
      )
    }
    var generator = SplitMix64(seed: seed)
    var order = Array(sizes.indices)
    order.shuffle(using: &generator)
    order = order.enumerated().sorted {
      (sizes[$1.element], $0.offset) < (sizes[$0.element], $1.offset)
    }.map(\.element)
    let total = Double(sizes.reduce(0, +))
    var missing = fractions.mapValues { $0 * total }
    var result = [Pair.Split](repeating: .train, count: sizes.count)
    var empty = Set(wanted)
    for (taken, area) in order.enumerated() {
      // The last areas are reserved for splits that have none yet.
      let candidates =
        sizes.count - taken <= empty.count ? wanted.filter(empty.contains) : wanted
      let split = candidates.max { (missing[$0] ?? 0) < (missing[$1] ?? 0) } ?? .train
      result[area] = split
      missing[split, default: 0] -= Double(sizes[area])
      empty.remove(split)
    }
    return result
  }
}

/// A division of an image into blocks, each for one split, with a gap between neighbors of different splits.
struct BlockLattice {
  /// The boundaries of the blocks in pixels; the last one is after the last pixel.
  let columns: [Int]
  let rows: [Int]
  let gap: Int

  /// Divides a window into blocks of about the requested size that cover it.
  ///
  /// - Parameters:
  ///   - window: The window to divide.
  ///   - side: The side of a block in pixels.
  ///   - gap: The gap between blocks of different splits, in pixels.
  /// - Throws: `SceneError` unless blocks are larger than three gaps.
  init(_ window: Window, side: Int, gap: Int) throws {
    func edges(_ range: Range<Int>) -> [Int] {
      let count = max(1, Int((Double(range.count) / Double(side)).rounded()))
      return (0...count).map { range.lowerBound + $0 * range.count / count }
    }
    guard side > 0, gap >= 0, side > 3 * gap else {
      throw SceneError(
        .usage,
        "blocks of \(side) pixels with gaps of \(gap), expected blocks larger than three gaps")
    }
    (columns, rows) = (edges(window.columns), edges(window.rows))
    self.gap = gap
  }

  /// The blocks before any gap is cut, row by row.
  var blocks: [Window] {
    (0..<rows.count - 1).flatMap { row in
      (0..<columns.count - 1).map { column in
        Window(
          column: columns[column], row: rows[row], width: columns[column + 1] - columns[column],
          height: rows[row + 1] - rows[row])
      }
    }
  }

  /// Returns the blocks, cut so that the gap separates neighbors of different splits.
  ///
  /// The block whose split has more blocks is cut. Blocks that touch only at a corner are neighbors, too.
  ///
  /// - Parameter splits: The split of each block.
  /// - Returns: The remaining window of each block.
  func windows(_ splits: [Pair.Split]) -> [Window] {
    var windows = blocks
    precondition(splits.count == windows.count, "one split is required for each block")
    let counts = Dictionary(splits.map { ($0, 1) }, uniquingKeysWith: +)
    let across = columns.count - 1
    // Blocks that share a side come first: cutting them may separate blocks that touch at a corner.
    for (down, right) in [(0, 1), (1, 0), (1, 1), (1, -1)] {
      for a in windows.indices {
        let (row, column) = (a / across + down, a % across + right)
        guard row < rows.count - 1, (0..<across).contains(column) else { continue }
        let b = row * across + column
        guard splits[a] != splits[b] else { continue }
        let (more, less) =
          (counts[splits[a]] ?? 0) >= (counts[splits[b]] ?? 0) ? (a, b) : (b, a)
        windows[more] = cut(windows[more], from: windows[less])
      }
    }
    return windows
  }

  /// Returns the window, cut on the side that faces another window, along the axis that loses fewer pixels.
  private func cut(_ window: Window, from other: Window) -> Window {
    let dx = Self.distance(window.columns, other.columns)
    let dy = Self.distance(window.rows, other.rows)
    guard max(dx, dy) < gap else { return window }
    var (columns, rows) = (window.columns, window.rows)
    // Blocks next to each other in a row span the same rows and can be separated only by columns.
    if dy < 0 || dx >= 0 && dx >= dy {
      columns = Self.shortened(columns, by: gap - dx, facing: other.columns)
    } else {
      rows = Self.shortened(rows, by: gap - dy, facing: other.rows)
    }
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Returns a range without its last numbers, or without its first ones if the other range begins no later.
  private static func shortened(
    _ range: Range<Int>, by count: Int, facing other: Range<Int>
  ) -> Range<Int> {
    other.lowerBound > range.lowerBound ? range.dropLast(count) : range.dropFirst(count)
  }

  /// The number of pixels between two ranges; negative if they overlap.
  static func distance(_ a: Range<Int>, _ b: Range<Int>) -> Int {
    max(a.lowerBound, b.lowerBound) - min(a.upperBound, b.upperBound)
  }
}
