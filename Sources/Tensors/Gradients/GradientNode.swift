import HeapModule
import Synchronization

/// A node of the gradient graph: records how a tensor was computed, with the pullback from its gradient to those of
/// its inputs.
///
/// An operation records a node only if one of its inputs has one; a network whose weights are not tracked records
/// nothing.
public final class GradientNode: @unchecked Sendable {
  /// The creation order; a node depends only on nodes with a lower order.
  let order: Int
  let inputs: [GradientNode?]
  /// Maps the gradient of the result to those of the inputs; nil for a leaf and after the backward pass.
  private(set) var pullback: ((_ gradient: Tensor, _ isWanted: [Bool]) -> [Tensor?])?
  /// The accumulated gradient.
  ///
  /// Unchecked: only one thread runs a backward pass at a time.
  public private(set) var gradient: Tensor?

  private static let count = Atomic(0)

  init(
    _ inputs: [GradientNode?], _ pullback: ((_ gradient: Tensor, _ isWanted: [Bool]) -> [Tensor?])?
  ) {
    order = Self.count.add(1, ordering: .relaxed).newValue
    self.inputs = inputs
    self.pullback = pullback
  }

  static var newest: Int { count.load(ordering: .relaxed) }

  func add(_ part: Tensor) {
    gradient = gradient.map { $0 + part } ?? part
  }

  /// Returns the gradients of the inputs, and releases the node's gradient and pullback.
  func propagate() -> [(GradientNode, Tensor)] {
    guard let pullback, let gradient else { return [] }
    self.pullback = nil
    self.gradient = nil
    let parts = pullback(gradient, inputs.map { $0 != nil })
    return zip(inputs, parts).compactMap { node, part in
      guard let node, let part else { return nil }
      return (node, part)
    }
  }

  var isLeaf: Bool { pullback == nil && inputs.isEmpty }
}

/// A node in the order of creation.
private struct OrderedNode: Comparable {
  let node: GradientNode

  static func == (a: OrderedNode, b: OrderedNode) -> Bool { a.node === b.node }
  static func < (a: OrderedNode, b: OrderedNode) -> Bool { a.node.order < b.node.order }
}

/// The backward pass through a graph of operations.
public enum Gradients {
  /// Whether operations record nothing even if their inputs are tracked: within a part that will be recomputed.
  @TaskLocal static var isPaused = false
  @TaskLocal private static var walk: Walk?
  /// Whether networks store only the inputs of their blocks and recompute the rest in the backward pass (gradient
  /// checkpointing).
  @TaskLocal public static var recomputesBlocks = false

  /// The nodes to be processed, latest first.
  private final class Walk: @unchecked Sendable {
    private var waiting = Heap<OrderedNode>()

    func add(_ part: Tensor, to node: GradientNode) {
      let isNew = node.gradient == nil
      node.add(part)
      if isNew && !node.isLeaf { waiting.insert(OrderedNode(node: node)) }
    }

    /// Processes nodes until none is left that was created after `oldest`.
    func run(downTo oldest: Int) {
      while let node = waiting.max?.node, node.order > oldest {
        waiting.removeMax()
        for (input, part) in node.propagate() { add(part, to: input) }
      }
    }
  }

  /// Runs the backward pass from a result: adds the gradient of Σ result · weights to each leaf that the result
  /// depends on.
  ///
  /// Recorded data is released along the way, so a graph can be processed only once.
  ///
  /// - Parameters:
  ///   - result: A result computed from tracked tensors.
  ///   - weights: The gradient of a loss with respect to the result, of the result's shape.
  public static func walk(back result: Tensor, from weights: Tensor) {
    walk(back: [result], from: [weights])
  }

  /// Runs the backward pass from several results of one graph.
  ///
  /// - Parameters:
  ///   - results: Results computed from tracked tensors; one may depend on another.
  ///   - weights: The gradient of a loss with respect to each result.
  public static func walk(back results: [Tensor], from weights: [Tensor]) {
    precondition(
      results.map(\.shape) == weights.map(\.shape),
      "gradients of shapes \(weights.map(\.shape)) do not match results of shapes \(results.map(\.shape))"
    )
    let walk = Walk()
    $walk.withValue(walk) {
      for (result, weight) in zip(results, weights) {
        if let node = result.node { walk.add(weight, to: node) }
      }
      walk.run(downTo: -1)
    }
  }

  /// Runs a block of a network; stores only its inputs if `recomputesBlocks` is true.
  package static func block(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    recomputesBlocks ? recomputing(inputs, body) : body(inputs)
  }

  /// Runs a part of a network and stores only its inputs; the backward pass recomputes it (gradient checkpointing).
  ///
  /// This takes twice the time of the part, but only one such part is in memory at a time.
  ///
  /// - Parameters:
  ///   - inputs: The inputs that may be tracked; weights need not be included.
  ///   - body: The part; it must be deterministic.
  /// - Returns: The result of `body`.
  public static func recomputing(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor)
    -> Tensor
  {
    guard !isPaused, inputs.contains(where: { $0.node != nil }) else { return body(inputs) }
    let result = $isPaused.withValue(true) { body(inputs) }
    return result.recorded(from: inputs) { gradient, isWanted in
      guard let walk = Self.walk else {
        preconditionFailure("the pullback was called outside a backward pass")
      }
      let oldest = GradientNode.newest
      let recomputedInputs = zip(inputs, isWanted).map { $1 ? $0.tracked() : $0.untracked }
      let recomputed = body(recomputedInputs)
      guard let node = recomputed.node else { return inputs.map { _ in nil } }
      walk.add(gradient, to: node)
      walk.run(downTo: oldest)
      return recomputedInputs.map { $0.node?.gradient }
    }
  }
}

extension Tensor {
  /// Returns the same elements as a leaf that accumulates a gradient.
  public func tracked() -> Tensor {
    var result = self
    result.node = GradientNode([], nil)
    return result
  }

  /// The same elements without gradient recording.
  public var untracked: Tensor {
    var result = self
    result.node = nil
    return result
  }

  /// The accumulated gradient of a leaf; nil before the backward pass and for tensors that are not tracked.
  public var gradient: Tensor? { node?.gradient }

  /// Records how the gradient of a result propagates to the inputs of its operation, if any of them is tracked.
  ///
  /// - Parameters:
  ///   - inputs: The inputs of the operation; nil for an omitted optional input.
  ///   - pullback: Maps the result's gradient, and flags for the inputs that need a gradient, to the inputs'
  ///     gradients in the same order.
  /// - Returns: The result with its pullback recorded.
  package func recorded(
    from inputs: [Tensor?],
    _ pullback: @escaping (_ gradient: Tensor, _ isWanted: [Bool]) -> [Tensor?]
  ) -> Tensor {
    let nodes = inputs.map { $0?.node }
    guard !Gradients.isPaused, nodes.contains(where: { $0 != nil }) else { return self }
    var result = self
    result.node = GradientNode(nodes, pullback)
    return result
  }
}
