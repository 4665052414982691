import Files
public import FoundationEssentials
public import Tensors

extension Safetensors {
  /// A tensor to be written, whose bytes are asked for when its turn comes.
  public struct Item {
    public let name: String
    public let type: ElementType
    public let shape: Shape
    let bytes: () throws -> Data

    public init(
      _ name: String, _ type: ElementType, _ shape: Shape, bytes: @escaping () throws -> Data
    ) {
      self.name = name
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// Numbers rounded to the nearest that `type` can hold.
    public init(_ name: String, _ tensor: Tensor, as type: ElementType = .f32) {
      self.init(name, type, tensor.shape) { type.encode(tensor.scalars) }
    }
  }

  /// Writes tensors in the given order to a file, which appears whole or not at all, and after that replaces one of its name.
  ///
  /// - Parameters:
  ///   - items: The tensors.
  ///   - metadata: What else the file says, text by name.
  ///   - path: Of the file.
  /// - Throws: `FileError`, naming the file; one that was there before is as it was.
  public static func write(
    _ items: [Item], metadata: [String: String] = [:], to path: String
  ) throws {
    var offset = 0
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let notes =
      metadata.isEmpty
      ? []
      : [
        "\"\(metadataKey)\":" + String(decoding: try encoder.encode(metadata), as: UTF8.self)
      ]
    let header =
      try notes
      + items.map { item in
        let start = offset
        offset += item.shape.count * item.type.byteCount
        let name = try encoder.encode(item.name)
        return String(decoding: name, as: UTF8.self)
          + ":{\"dtype\":\"\(item.type.rawValue)\",\"shape\":\(item.shape),"
          + "\"data_offsets\":[\(start),\(offset)]}"
      }
    var json = Data("{\(header.joined(separator: ","))}".utf8)
    // Data that begin at a multiple of eight can be mapped as they lie.
    json.append(Data(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8))

    var file = try NewFile(at: path, isDurable: true)
    try file.write(withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }.bytes)
    try file.write(json.bytes)
    for item in items {
      let bytes = try item.bytes()
      precondition(bytes.count == item.shape.count * item.type.byteCount, item.name)
      try file.write(bytes.bytes)
    }
    try file.commit()
  }
}

extension Safetensors.ElementType {
  /// Little-endian numbers, rounded to nearest, ties to even.
  package func encode(_ scalars: [Float]) -> Data {
    switch self {
    case .f32: pack(scalars) { $0.bitPattern.littleEndian }
    case .f16: pack(scalars) { Float16($0).bitPattern.littleEndian }
    case .bf16: pack(scalars) { bfloat16($0).littleEndian }
    }
  }

  private func pack<Bits: FixedWidthInteger>(
    _ scalars: [Float], _ bits: (Float) -> Bits
  ) -> Data {
    scalars.map(bits).withUnsafeBytes { Data($0) }
  }

  /// The upper half of a float, rounded; NaN stays NaN.
  private func bfloat16(_ x: Float) -> UInt16 {
    guard !x.isNaN else { return 0x7fc0 }
    let bits = x.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }
}
