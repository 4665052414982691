import Files
import FoundationEssentials
package import Tensors

/// The type and shape of a tensor as stored in a file.
package struct StoredTensor: Hashable, Sendable {
  /// The element type as named in safetensors (`F32`, `I64`, …), or a description of an entry that is not a tensor.
  package let type: String
  /// The shape of the tensor.
  package let shape: Shape

  init(_ type: String, _ shape: Shape) {
    self.type = type
    self.shape = shape
  }
}

/// A file of named tensors in any container format.
package protocol CheckpointFile: Sendable {
  /// The path of the file.
  var path: String { get }
  /// All entries of the file, whether they are weights or not.
  var stored: [String: StoredTensor] { get }
  /// Returns a tensor converted to `Float`.
  ///
  /// - Throws: `ModelError` if it is missing or its type does not hold weights.
  func tensor(_ name: String) throws(ModelError) -> Tensor
}

/// Opens a checkpoint whose format is detected from its content: safetensors, or PyTorch's zip or legacy container.
package func openCheckpoint(_ path: String) throws(ModelError) -> any CheckpointFile {
  let file = try reading { () throws(FileError) in try OpenFile(path) }
  if file.size > 8,
    try reading({ () throws(FileError) in try file.bytes(8..<9) }) == [UInt8(ascii: "{")]
  {
    return try Safetensors(file)
  }
  return try TorchCheckpoint(Data(mapping: path), path: path, of: file)
}

extension Safetensors: CheckpointFile {
  package var stored: [String: StoredTensor] {
    entries.mapValues { StoredTensor($0.type, $0.shape) }
  }
}

extension Shape {
  /// Creates a shape declared in a file, or nil if elements of `byteCount` bytes could not fit into memory.
  init?(stated dims: [Int], byteCount: Int) {
    // The sum of three such sizes, or the product of the nonzero sides, must not overflow either.
    var size = byteCount
    for side in dims {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(side, 1))
      guard side >= 0, !overflow, product < 1 << 56 else { return nil }
      size = product
    }
    self.init(dims)
  }
}
