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

  /// The numbers, which are little-endian as in both formats of files and on all processors that Swift runs on.
  func floats(_ raw: UnsafeRawBufferPointer) -> [Float] {
    switch self {
    case .f64: Self.copy(of: raw, as: Double.self).map { Float($0) }
    case .f32: Self.copy(of: raw, as: Float.self)
    case .f16: Self.copy(of: raw, as: Float16.self).map { Float($0) }
    case .bf16: Self.copy(of: raw, as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    }
  }

  /// Bytes of a file begin anywhere, and numbers in memory do not.
  private static func copy<Number: BitwiseCopyable>(
    of raw: UnsafeRawBufferPointer, as: Number.Type
  ) -> [Number] {
    let count = raw.count / MemoryLayout<Number>.stride
    return Array(unsafeUninitializedCapacity: count) { numbers, initialized in
      UnsafeMutableRawBufferPointer(numbers).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: raw[..<(count * MemoryLayout<Number>.stride)]))
      initialized = count
    }
  }
}
