import Tensors

/// The shapes of a checkpoint's tensors, from which the architecture is inferred.
struct CheckpointShapes {
  let shapes: [String: Shape]
  let path: String

  /// Returns the shape of a tensor that must have `rank` axes.
  ///
  /// - Throws: `ModelError` if it is missing or has another number of axes.
  func callAsFunction(_ name: String, rank: Int) throws(ModelError) -> Shape {
    guard let shape = shapes[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    guard shape.rank == rank else {
      throw ModelError(.badData, "\(name) is \(shape) in \(path), expected \(rank) axes")
    }
    return shape
  }

  /// Returns whether the checkpoint contains a tensor.
  func has(_ name: String) -> Bool { shapes[name] != nil }

  /// Returns the number of consecutive indices, from 0, for which a tensor with the given name exists.
  func count(_ name: (Int) -> String) -> Int { (0...).prefix { has(name($0)) }.count }
}
