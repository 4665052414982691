import Synchronization

/// What a tensor was made of, kept while gradients are wanted: the way back from its gradient to those of its makers.
///
/// An operation keeps a node only if one of its inputs has one; a network whose weights are not tracked keeps nothing.
public final class GradientNode: @unchecked Sendable {
  /// What is made later depends on what was made earlier, never the other way round.
  let order: Int
  let inputs: [GradientNode?]
  /// From the gradient of the result to those of the inputs; nil for a leaf, and once the way back was gone.
  private(set) var pullback: ((_ gradient: Tensor, _ isWanted: [Bool]) -> [Tensor?])?
  /// The sum of what came back so far.
  ///
  /// Unchecked: one thread goes back at a time.
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

  /// Hands the gradient on, and lets go of it and of what was kept for it.
  func handOn() -> [(GradientNode, Tensor)] {
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

/// The way back through a graph of operations.
public enum Gradients {
  /// Whether operations keep nothing although their inputs are tracked: within a part that will be computed again.
  @TaskLocal static var isPaused = false
  @TaskLocal private static var walk: Walk?
  /// Whether networks keep the inputs of their blocks alone, and compute the rest again on the way back.
  @TaskLocal public static var recomputesBlocks = false

  /// Nodes that wait for their turn, the latest first.
  private final class Walk: @unchecked Sendable {
    var waiting: [Int: GradientNode] = [:]

    func add(_ part: Tensor, to node: GradientNode) {
      node.add(part)
      if !node.isLeaf { waiting[node.order] = node }
    }

    /// Until no node waits that was made after another.
    func run(downTo oldest: Int) {
      while let order = waiting.keys.max(), order > oldest {
        guard let node = waiting.removeValue(forKey: order) else { return }
        for (input, part) in node.handOn() { add(part, to: input) }
      }
    }
  }

  /// Walks back from a result: each leaf that it depends on has the gradient of Σ result · weights added to its own.
  ///
  /// What operations kept is let go on the way, so that a graph can be walked once.
  ///
  /// - Parameters:
  ///   - result: What was made of tracked tensors.
  ///   - weights: Of the result's shape: the gradient of a loss with respect to it.
  public static func walk(back result: Tensor, from weights: Tensor) {
    walk(back: [result], from: [weights])
  }

  /// Walks back from several results of one graph at once.
  ///
  /// - Parameters:
  ///   - results: What was made of tracked tensors; each may have been made of another one.
  ///   - weights: The gradient of a loss with respect to each.
  public static func walk(back results: [Tensor], from weights: [Tensor]) {
    precondition(
      results.map(\.shape) == weights.map(\.shape),
      "\(weights.map(\.shape)) are no gradients of \(results.map(\.shape))")
    let walk = Walk()
    $walk.withValue(walk) {
      for (result, weight) in zip(results, weights) {
        if let node = result.node { walk.add(weight, to: node) }
      }
      walk.run(downTo: -1)
    }
  }

  /// Does a block of a network, so that only its inputs are kept where `recomputesBlocks` says so.
  package static func block(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor) -> Tensor {
    recomputesBlocks ? recomputing(inputs, body) : body(inputs)
  }

  /// Does a part of a network so that only its inputs are kept; the way back computes it again.
  ///
  /// Twice the time of the part, for the memory of one of several.
  ///
  /// - Parameters:
  ///   - inputs: What comes from outside and may be tracked; weights need not be named.
  ///   - body: The part, which gives the same for the same inputs.
  /// - Returns: What the part gives.
  public static func recomputing(_ inputs: [Tensor], _ body: @escaping ([Tensor]) -> Tensor)
    -> Tensor
  {
    guard !isPaused, inputs.contains(where: { $0.node != nil }) else { return body(inputs) }
    let result = $isPaused.withValue(true) { body(inputs) }
    return result.made(of: inputs) { gradient, isWanted in
      guard let walk = Self.walk else { preconditionFailure("there is a way back to go") }
      let oldest = GradientNode.newest
      let again = zip(inputs, isWanted).map { $1 ? $0.tracked() : $0.untracked }
      let made = body(again)
      guard let node = made.node else { return inputs.map { _ in nil } }
      walk.add(gradient, to: node)
      walk.run(downTo: oldest)
      return again.map { $0.node?.gradient }
    }
  }
}

extension Tensor {
  /// The same numbers as a leaf whose gradient is wanted.
  public func tracked() -> Tensor {
    var result = self
    result.node = GradientNode([], nil)
    return result
  }

  /// The same numbers, from which no way leads back.
  public var untracked: Tensor {
    var result = self
    result.node = nil
    return result
  }

  /// What the way back added up for a leaf; nil before, and for what is not tracked.
  public var gradient: Tensor? { node?.gradient }

  /// Says of a result how its gradient becomes those of its inputs, if one of them is tracked.
  ///
  /// - Parameters:
  ///   - inputs: Of the operation; nil for one that it can do without.
  ///   - pullback: From the result's gradient, and which inputs' are wanted, to theirs in the same order.
  /// - Returns: The result with its way back.
  package func made(
    of inputs: [Tensor?],
    _ pullback: @escaping (_ gradient: Tensor, _ isWanted: [Bool]) -> [Tensor?]
  ) -> Tensor {
    let nodes = inputs.map { $0?.node }
    guard !Gradients.isPaused, nodes.contains(where: { $0 != nil }) else { return self }
    var result = self
    result.node = GradientNode(nodes, pullback)
    return result
  }
}
