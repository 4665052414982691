import Files
import FoundationEssentials
package import Tensors

/// How a file stores a tensor.
package struct StoredTensor: Hashable, Sendable {
  /// As safetensors names it: `F32`, `I64`, …; for what is no tensor, what it is.
  package let type: String
  package let shape: Shape

  init(_ type: String, _ shape: Shape) {
    self.type = type
    self.shape = shape
  }
}

/// A file of named tensors, whatever its container.
package protocol CheckpointFile: Sendable {
  var path: String { get }
  /// What it holds, weights or not.
  var stored: [String: StoredTensor] { get }
  /// A tensor's numbers as floats.
  ///
  /// - Throws: `ModelError` where it is missing, or its type holds no weights.
  func tensor(_ name: String) throws(ModelError) -> Tensor
}

/// Opens a checkpoint, by its content: safetensors, or PyTorch's zip or older container.
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
  /// A shape that a file states, or nil where no memory could hold its elements of `byteCount` bytes.
  init?(stated dims: [Int], byteCount: Int) {
    // The sum of three such, or a product without the sides of zero, must not overflow either.
    var size = byteCount
    for side in dims {
      let (product, overflow) = size.multipliedReportingOverflow(by: max(side, 1))
      guard side >= 0, !overflow, product < 1 << 56 else { return nil }
      size = product
    }
    self.init(dims)
  }
}
