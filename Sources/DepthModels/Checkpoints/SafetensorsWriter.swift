import Files
public import FoundationEssentials
public import Tensors

extension Safetensors {
  /// A tensor to write, whose bytes are requested when it is written.
  public struct Item {
    /// The name of the tensor.
    public let name: String
    /// The element type in the file.
    public let type: ElementType
    /// The shape of the tensor.
    public let shape: Shape
    let bytes: () throws -> Data

    /// Creates an item whose little-endian bytes are provided by a closure.
    public init(
      _ name: String, _ type: ElementType, _ shape: Shape, bytes: @escaping () throws -> Data
    ) {
      self.name = name
      self.type = type
      self.shape = shape
      self.bytes = bytes
    }

    /// Creates an item from a tensor, whose elements are rounded to the nearest value of `type`.
    public init(_ name: String, _ tensor: Tensor, as type: ElementType = .f32) {
      self.init(name, type, tensor.shape) { type.encode(tensor.scalars) }
    }
  }

  /// Writes tensors to a file in the given order.
  ///
  /// The file appears only when it is complete, and then replaces a file of the same name.
  ///
  /// - Parameters:
  ///   - items: The tensors.
  ///   - metadata: The metadata of the file, by name.
  ///   - path: The path of the file.
  /// - Throws: `FileError` naming the file; an existing file is left unchanged.
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
    // Data that begins at a multiple of eight bytes can be memory-mapped without copying.
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
  /// Returns the scalars in little-endian byte order, rounded to nearest, ties to even.
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

  /// Returns the upper half of a float, rounded to nearest, ties to even; NaN stays NaN.
  private func bfloat16(_ x: Float) -> UInt16 {
    guard !x.isNaN else { return 0x7fc0 }
    let bits = x.bitPattern
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }
}
