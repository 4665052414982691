/// A storage type that holds weights, and how its numbers become floats.
enum WeightFormat: String {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"

  /// The format of that name.
  ///
  /// - Throws: `ModelError` that names the tensor where its type holds no weights.
  static func of(
    _ type: String, name: String, path: String
  ) throws(ModelError) -> WeightFormat {
    guard let format = WeightFormat(rawValue: type) else {
      throw ModelError(
        .badData, "\(name) is stored as \(type) in \(path), expected F32, F16, BF16 or F64")
    }
    return format
  }

  var byteCount: Int {
    switch self {
    case .f64: 8
    case .f32: 4
    case .f16, .bf16: 2
    }
  }

  /// How bundles store it: doubles are rounded.
  var inBundles: Safetensors.ElementType {
    switch self {
    case .f64, .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    }
  }

  /// The little-endian numbers at these places, in their order.
  func floats(_ raw: UnsafeRawBufferPointer, at places: some Sequence<Int>) -> [Float] {
    func load<Bits: FixedWidthInteger>(_: Bits.Type, _ number: (Bits) -> Float) -> [Float] {
      places.map { place in
        precondition(place >= 0 && place < raw.count / MemoryLayout<Bits>.size)
        let offset = place * MemoryLayout<Bits>.size
        return number(
          Bits(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Bits.self)))
      }
    }
    return switch self {
    case .f64: load(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f32: load(UInt32.self) { Float(bitPattern: $0) }
    case .f16: load(UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bf16: load(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    }
  }
}
