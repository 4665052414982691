public import FoundationEssentials
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

  public let path: String
  public let entries: [String: Entry]
  private let file: Data
  private let dataStart: Int

  /// Maps a file and checks its header: every tensor inside the file, none overlapping, none twice.
  public init(reading path: String) throws(ModelError) {
    let file = try Data(mapping: path)
    guard file.count >= 8 else {
      throw ModelError(.badData, "\(path) has \(file.count) bytes, too few for a safetensors file")
    }
    let length = file.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(file.count - 8) else {
      throw ModelError(
        .badData,
        "\(path) announces a header of \(length) bytes, but only \(file.count - 8) follow")
    }
    dataStart = 8 + Int(length)
    entries = try SafetensorsHeader.entries(
      of: file[8..<dataStart], dataCount: file.count - dataStart, path: path)
    self.path = path
    self.file = file
  }

  /// The stored bytes of a tensor.
  public func bytes(of entry: Entry) -> Data {
    file[dataStart + entry.bytes.lowerBound..<dataStart + entry.bytes.upperBound]
  }

  /// A tensor as floats, whatever its storage.
  public func tensor(_ name: String) throws(ModelError) -> Tensor {
    guard let entry = entries[name] else {
      throw ModelError(.badData, "\(name) is missing in \(path)")
    }
    return Tensor(entry.shape, try floats(of: entry, named: name))
  }

  private func floats(of entry: Entry, named name: String) throws(ModelError) -> [Float] {
    guard let type = ElementType(rawValue: entry.type) else {
      throw ModelError(
        .badData, "\(name) is stored as \(entry.type) in \(path), expected F32, F16 or BF16")
    }
    return bytes(of: entry).withUnsafeBytes { raw in
      func halves(_ decode: (UInt16) -> Float) -> [Float] {
        (0..<entry.shape.count).map {
          decode(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))
        }
      }
      switch type {
      case .f32:
        return (0..<entry.shape.count).map {
          Float(
            bitPattern: UInt32(
              littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
      case .f16: return halves { Float(Float16(bitPattern: $0)) }
      case .bf16: return halves { Float(bitPattern: UInt32($0) << 16) }
      }
    }
  }
}
