import Grids
import Scenes
import Tensors

/// Which ground is for training, for validation and for the test, so that none is seen twice.
///
/// Neighbouring pixels are alike: a random split of tiles judges a network on ground that it has seen next door, and flatters it
/// (P. Ploton et al., Nature Communications 11, 2020, doi:10.1038/s41467-020-18321-y). So whole sites are drawn, or blocks
/// with gaps between those of different splits.
public struct SpatialSplit: Sendable, Hashable {
  /// Of the ground, for each split; they sum to 1.
  public var fractions: [Pair.Split: Double]
  public var seed: UInt64 = 42

  /// - Parameters:
  ///   - train: Of all.
  ///   - validation: Of all.
  ///   - test: Of all.
  /// - Throws: `SceneError` if one is negative or they don't sum to 1.
  public init(train: Double = 0.8, validation: Double = 0.1, test: Double = 0.1) throws {
    let all = [train, validation, test]
    guard all.allSatisfy({ $0 >= 0 }), abs(all.reduce(0, +) - 1) < 1e-6 else {
      throw SceneError(
        .usage, "fractions \(train), \(validation) and \(test), expected shares that sum to 1")
    }
    fractions = [.train: train, .validation: validation, .test: test]
  }

  /// The split of each of some units of ground.
  ///
  /// They are drawn in random order, large ones first, each for the split that lacks most; every split with a share gets one.
  ///
  /// - Parameter sizes: Of the units, such as their pixels.
  /// - Returns: As many splits.
  /// - Throws: `SceneError` with fewer units than splits that have a share.
  func draw(_ sizes: [Int]) throws -> [Pair.Split] {
    let wanted = Pair.Split.allCases.filter { (fractions[$0] ?? 0) > 0 }
    guard sizes.count >= wanted.count else {
      throw SceneError(
        .badData,
        "there are \(sizes.count) parts of ground for \(wanted.count) splits, expected one for each at least"
      )
    }
    var generator = SplitMix64(seed: seed)
    var order = Array(sizes.indices)
    order.shuffle(using: &generator)
    order = order.enumerated().sorted {
      (sizes[$1.element], $0.offset) < (sizes[$0.element], $1.offset)
    }.map(\.element)
    let total = Double(sizes.reduce(0, +))
    var lacks = fractions.mapValues { $0 * total }
    var result = [Pair.Split](repeating: .train, count: sizes.count)
    var empty = Set(wanted)
    for (taken, unit) in order.enumerated() {
      // At the end what is left is for those that have none yet.
      let candidates =
        sizes.count - taken <= empty.count ? wanted.filter(empty.contains) : wanted
      let split = candidates.max { (lacks[$0] ?? 0) < (lacks[$1] ?? 0) } ?? .train
      result[unit] = split
      lacks[split, default: 0] -= Double(sizes[unit])
      empty.remove(split)
    }
    return result
  }
}

/// An image cut into blocks, each for one split, with a gap where neighbours are for different ones.
struct BlockLattice {
  /// The edges of the blocks, the last one beyond the last pixel.
  let columns: [Int]
  let rows: [Int]
  let gap: Int

  /// Blocks are about as large as asked for, so that they cover the image.
  ///
  /// - Parameters:
  ///   - window: What is cut.
  ///   - side: Of a block in pixels.
  ///   - gap: Between blocks of different splits, in pixels.
  /// - Throws: `SceneError` where nothing would be left between two gaps.
  init(_ window: Window, side: Int, gap: Int) throws {
    func edges(_ range: Range<Int>) -> [Int] {
      let count = max(1, Int((Double(range.count) / Double(side)).rounded()))
      return (0...count).map { range.lowerBound + $0 * range.count / count }
    }
    guard side > 0, gap >= 0, side > 3 * gap else {
      throw SceneError(
        .usage,
        "blocks of \(side) pixels with gaps of \(gap), expected blocks of more than three gaps")
    }
    (columns, rows) = (edges(window.columns), edges(window.rows))
    self.gap = gap
  }

  /// The whole blocks, row by row.
  var blocks: [Window] {
    (0..<rows.count - 1).flatMap { row in
      (0..<columns.count - 1).map { column in
        Window(
          column: columns[column], row: rows[row], width: columns[column + 1] - columns[column],
          height: rows[row + 1] - rows[row])
      }
    }
  }

  /// The blocks, cut where a neighbour is for another split until the gap lies between them.
  ///
  /// That of the split with more blocks is cut, as it has more to lose. Two blocks that touch at a corner are neighbours.
  ///
  /// - Parameter splits: Of the blocks.
  /// - Returns: What is left of each.
  func windows(_ splits: [Pair.Split]) -> [Window] {
    var windows = blocks
    precondition(splits.count == windows.count, "a split for each block")
    let counts = Dictionary(splits.map { ($0, 1) }, uniquingKeysWith: +)
    let across = columns.count - 1
    // Those that share a side first: they may part the corners as well.
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

  /// The window cut on the side of another one, where less is lost.
  private func cut(_ window: Window, from other: Window) -> Window {
    let dx = Self.distance(window.columns, other.columns)
    let dy = Self.distance(window.rows, other.rows)
    guard max(dx, dy) < gap else { return window }
    var result = window
    // Blocks beside each other have the same rows, and can only be parted in their columns.
    if dy < 0 || dx >= 0 && dx >= dy {
      let lost = min(gap - dx, window.width)
      if other.column > window.column {
        result.width -= lost
      } else {
        result.column += lost
        result.width -= lost
      }
    } else {
      let lost = min(gap - dy, window.height)
      if other.row > window.row {
        result.height -= lost
      } else {
        result.row += lost
        result.height -= lost
      }
    }
    return result
  }

  /// Pixels between two ranges; negative where they overlap.
  static func distance(_ a: Range<Int>, _ b: Range<Int>) -> Int {
    max(a.lowerBound, b.lowerBound) - min(a.upperBound, b.upperBound)
  }
}
