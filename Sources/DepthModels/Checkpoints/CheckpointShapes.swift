import Tensors

/// The shapes of a checkpoint's tensors, from which the sizes of its network are read.
struct CheckpointShapes {
  let shapes: [String: Shape]
  let path: String

  /// The shape of a tensor with so many axes.
  ///
  /// - Throws: `ModelError` where it is missing or has others.
  func callAsFunction(_ name: String, rank: Int) throws(ModelError) -> Shape {
    guard let shape = shapes[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    guard shape.rank == rank else {
      throw ModelError(.badData, "\(name) is \(shape) in \(path), expected \(rank) axes")
    }
    return shape
  }

  func has(_ name: String) -> Bool { shapes[name] != nil }

  /// How many tensors there are of names that differ by a number, counted from 0.
  func count(_ name: (Int) -> String) -> Int { (0...).prefix { has(name($0)) }.count }
}
