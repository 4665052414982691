package import Files
import FoundationEssentials
public import Tensors

/// A checkpoint in the safetensors format, whose tensors are read on demand.
///
/// The file consists of the header's length in eight bytes, a JSON header with names, types, shapes and offsets, and
/// the data without gaps. Source: <https://github.com/huggingface/safetensors#format>.
public struct Safetensors: Sendable {
  /// The storage type of elements; computations always use `Float`.
  public enum ElementType: String, Codable, Sendable {
    /// 32-bit IEEE 754 floating point.
    case f32 = "F32"
    /// 16-bit IEEE 754 floating point.
    case f16 = "F16"
    /// 16-bit brain floating point, the upper half of a 32-bit float.
    case bf16 = "BF16"

    /// The size of an element, in bytes.
    public var byteCount: Int { self == .f32 ? 4 : 2 }
  }

  /// The type, shape and location of a tensor in a file.
  public struct Entry: Sendable {
    /// The element type as named in the file; only F64, F32, F16 and BF16 can be read.
    public let type: String
    /// The shape of the tensor.
    public let shape: Shape
    /// The byte range in the data that follows the header.
    public let bytes: Range<Int>
  }

  /// The maximum length of the header, as in the format's own reader; parsed JSON takes many times its length.
  private static let headerLimit: UInt64 = 100_000_000
  /// The key of the header for everything that is not a tensor.
  static let metadataKey = "__metadata__"

  /// The path of the file.
  public let path: String
  /// The tensors of the file, by name.
  public let entries: [String: Entry]
  /// The metadata of the file, by name.
  public let metadata: [String: String]
  private let file: OpenFile
  private let dataStart: Int

  /// Opens a file and checks its header: each tensor is inside the file, none overlap, and no name occurs twice.
  ///
  /// - Throws: `ModelError` if the file cannot be read or its header is invalid.
  public init(reading path: String) throws(ModelError) {
    try self.init(DepthModels.reading { () throws(FileError) in try OpenFile(path) })
  }

  /// Reads the header of an open file.
  package init(_ file: OpenFile) throws(ModelError) {
    let (path, size) = (file.path, file.size)
    guard size >= 8 else {
      throw ModelError(
        .badData, "\(path) has \(size) bytes, expected at least 8 for a safetensors file")
    }
    let length = try reading { () throws(FileError) in try file.bytes(0..<8) }.reversed().reduce(
      UInt64(0)
    ) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(size - 8), length <= Self.headerLimit else {
      throw ModelError(
        .badData,
        "\(path) declares a header of \(length) bytes, but only \(size - 8) follow, and "
          + "at most \(Self.headerLimit) are allowed")
    }
    dataStart = 8 + Int(length)
    let headerRange = 8..<dataStart
    let header = Data(try reading { () throws(FileError) in try file.bytes(headerRange) })
    (entries, metadata) = try SafetensorsHeader.contents(
      of: header, dataCount: size - dataStart, path: path)
    self.path = path
    self.file = file
  }

  /// The size of the whole file, in bytes.
  package var byteCount: Int { file.size }

  /// The SHA-256 hash of the whole file in lowercase hexadecimal, which identifies the checkpoint.
  public var sha256: String {
    get throws(ModelError) { try reading { () throws(FileError) in try file.sha256() } }
  }

  /// Returns a tensor converted to `Float`, from any storage type that holds weights.
  ///
  /// - Throws: `ModelError` if it is missing, does not hold weights, or the file has changed since it was opened.
  public func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let entry = entries[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    let format = try WeightFormat.of(entry.type, name: name, path: path)
    let range = dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound
    let bytes = try reading { () throws(FileError) in
      let bytes = try file.bytes(range)
      try file.requireUnchanged()
      return bytes
    }
    return Tensor(entry.shape, bytes.withUnsafeBytes(format.floats))
  }
}
