import Files
import FoundationEssentials
public import Tensors

/// A checkpoint in the safetensors format; tensors are read from the file when they are asked for.
///
/// Eight bytes of header length, a JSON header of names, types, shapes and offsets, then the data without
/// gaps. Source: <https://github.com/huggingface/safetensors#format>.
public struct Safetensors: Sendable {
  /// How the elements are stored; arithmetic is always in `Float`.
  public enum ElementType: String, Codable, Sendable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"

    public var byteCount: Int { self == .f32 ? 4 : 2 }
  }

  /// A tensor's place in the file.
  public struct Entry: Sendable {
    /// As the file names it; only those of `ElementType` can be read.
    public let type: String
    public let shape: Shape
    /// In the data that follow the header.
    public let bytes: Range<Int>
  }

  /// What the format's own reader allows; parsed JSON takes many times its length.
  private static let headerLimit: UInt64 = 100_000_000
  /// Under which the header keeps what is no tensor.
  static let metadataKey = "__metadata__"

  public let path: String
  public let entries: [String: Entry]
  /// What else the file says, text by name.
  public let metadata: [String: String]
  private let file: OpenFile
  private let dataStart: Int

  /// Opens a file and checks its header: every tensor inside the file, none overlapping, none twice.
  public init(reading path: String) throws(ModelError) {
    try self.init(DepthModels.reading { () throws(FileError) in try OpenFile(path) })
  }

  /// Of a file that is open already.
  init(_ file: OpenFile) throws(ModelError) {
    let (path, size) = (file.path, file.size)
    guard size >= 8 else {
      throw ModelError(.badData, "\(path) has \(size) bytes, too few for a safetensors file")
    }
    let length = try reading { () throws(FileError) in try file.bytes(0..<8) }.reversed().reduce(
      UInt64(0)
    ) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(size - 8), length <= Self.headerLimit else {
      throw ModelError(
        .badData,
        "\(path) announces a header of \(length) bytes, but only \(size - 8) follow, and "
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

  /// Of the whole file.
  var byteCount: Int { file.size }

  /// Of the whole file, in lower-case hexadecimal: it tells one checkpoint from another.
  public var sha256: String {
    get throws(ModelError) { try reading { () throws(FileError) in try file.sha256() } }
  }

  /// A tensor as floats, whatever its storage.
  ///
  /// - Throws: `ModelError` where it is missing, holds no weights, or the file has changed since it was opened.
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
