import FoundationEssentials
public import Tensors

/// A checkpoint in the safetensors format, memory-mapped: tensors are read when they are asked for.
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
  private let file: Data
  private let dataStart: Int

  /// Maps a file and checks its header: every tensor inside the file, none overlapping, none twice.
  public init(reading path: String) throws(ModelError) {
    let file = try Data(mapping: path)
    guard file.count >= 8 else {
      throw ModelError(.badData, "\(path) has \(file.count) bytes, too few for a safetensors file")
    }
    let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(file.count - 8), length <= Self.headerLimit else {
      throw ModelError(
        .badData,
        "\(path) announces a header of \(length) bytes, but only \(file.count - 8) follow, and "
          + "at most \(Self.headerLimit) are allowed")
    }
    dataStart = 8 + Int(length)
    (entries, metadata) = try SafetensorsHeader.contents(
      of: file[8..<dataStart], dataCount: file.count - dataStart, path: path)
    self.path = path
    self.file = file
  }

  /// Of the whole file, in lower-case hexadecimal: it tells one checkpoint from another.
  public var sha256: String { file.sha256 }

  private func bytes(of entry: Entry) -> Data {
    file[dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound]
  }

  /// A tensor as floats, whatever its storage.
  public func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let entry = entries[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    let format = try WeightFormat.of(entry.type, name: name, path: path)
    let bytes = bytes(of: entry)
    defer { bytes.forgetMapped() }
    return Tensor(entry.shape, format.floats(bytes, at: 0..<entry.shape.count))
  }
}
