/// Parts of an image within parts of it: the contexts that one strategy of HDN compares pixels in.
///
/// Those of the finest level are the leaves; 2 of them, or 4, make one of the next level, and the coarsest is one alone. The
/// pixels have an order in which each is one range, so sums over a context run through memory.
struct ContextHierarchy {
  /// The places of pixels among those that count, leaf by leaf.
  let order: [Int32]
  /// The ranges in `order`, level by level from the leaves; some may be empty.
  let contexts: [Range<Int>]
  /// How many of a level make one of the next.
  private let branching: Int
  private let levels: Int
  private let leafCount: Int
  /// The leaf of each pixel that counts.
  private let leaves: [UInt8]

  private static let noLeaf = UInt8.max

  /// From leaves that lie side by side in an order of all pixels.
  ///
  /// - Parameters:
  ///   - order: Of all pixels that count.
  ///   - edges: Where leaves begin in it, and the end of the last; what lies outside is in no context.
  ///   - branching: How many of a level make one of the next.
  ///   - levels: How many there are.
  init(order: [Int32], edges: [Int], branching: Int, levels: Int) {
    (self.order, self.branching, self.levels) = (order, branching, levels)
    leafCount = edges.count - 1
    var leaves = [UInt8](repeating: Self.noLeaf, count: order.count)
    for leaf in 0..<leafCount {
      for place in order[edges[leaf]..<edges[leaf + 1]] { leaves[Int(place)] = UInt8(leaf) }
    }
    self.leaves = leaves
    var contexts: [Range<Int>] = []
    var size = 1
    for _ in 0..<levels {
      for first in stride(from: 0, to: leafCount, by: size) {
        contexts.append(edges[first]..<edges[first + size])
      }
      size *= branching
    }
    self.contexts = contexts
  }

  /// The places of the contexts' lower medians.
  ///
  /// O(pixels), all contexts at once: the k-th pixel of a context along a sorted order is its k-th smallest.
  ///
  /// - Parameter sorted: All pixels that count, ascending by what the median is of.
  /// - Returns: A place for each context, of no meaning for an empty one. Of equal values it is the one whose turn it is.
  func medians(along sorted: [Int32]) -> [Int] {
    var before = contexts.map { Int32($0.isEmpty ? -1 : ($0.count - 1) / 2) }
    var found = [Int](repeating: 0, count: contexts.count)
    // Contexts of each leaf, level by level.
    var contextsOfLeaf: [Int] = []
    for leaf in 0..<leafCount {
      var (context, start, count) = (leaf, 0, leafCount)
      for _ in 0..<levels {
        contextsOfLeaf.append(start + context)
        (context, start, count) = (context / branching, start + count, count / branching)
      }
    }
    before.withUnsafeMutableBufferPointer { before in
      contextsOfLeaf.withUnsafeBufferPointer { contextsOfLeaf in
        for place in sorted {
          let leaf = leaves[Int(place)]
          guard leaf != Self.noLeaf else { continue }
          for k in Int(leaf) * levels..<(Int(leaf) + 1) * levels {
            let context = contextsOfLeaf[k]
            if before[context] == 0 { found[context] = Int(place) }
            before[context] -= 1
          }
        }
      }
    }
    return found
  }
}
