/// The nested contexts in which one strategy of the HDN loss compares pixels.
///
/// Contexts of the finest level are the leaves; 2 or 4 of a level form one of the next, and the coarsest level is a
/// single context. The pixels are ordered so that each context is one range, and sums over a context read memory
/// sequentially.
struct ContextHierarchy {
  /// Indices of the valid pixels, leaf by leaf.
  let order: [Int32]
  /// The range of each context in `order`, level by level from the leaves; ranges may be empty.
  let contexts: [Range<Int>]
  /// The number of contexts that form one of the next level.
  private let branching: Int
  private let levels: Int
  private let leafCount: Int
  /// The leaf of each valid pixel.
  private let leaves: [UInt8]

  private static let noLeaf = UInt8.max

  /// Creates a hierarchy from leaves that are consecutive ranges of an order of all pixels.
  ///
  /// - Parameters:
  ///   - order: Indices of all valid pixels.
  ///   - edges: The start of each leaf in `order`, and the end of the last; pixels outside are in no context.
  ///   - branching: The number of contexts that form one of the next level.
  ///   - levels: The number of levels.
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

  /// Finds the pixels of the contexts' lower medians.
  ///
  /// O(pixels) for all contexts together: the k-th pixel of a context in a sorted order is its k-th smallest.
  ///
  /// - Parameter sorted: All valid pixels, ascending by the value whose median is computed.
  /// - Returns: A pixel for each context, meaningless for an empty one. Among equal values, `sorted` decides.
  func medians(along sorted: [Int32]) -> [Int] {
    var before = contexts.map { Int32($0.isEmpty ? -1 : ($0.count - 1) / 2) }
    var found = [Int](repeating: 0, count: contexts.count)
    // The contexts of each leaf, level by level.
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
