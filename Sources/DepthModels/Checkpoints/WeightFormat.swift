/// A storage type of weights, and its conversion to `Float`.
enum WeightFormat: String {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"

  /// Returns the format with a given name.
  ///
  /// - Throws: `ModelError` naming the tensor if its type does not hold weights.
  static func of(
    _ type: String, name: String, path: String
  ) throws(ModelError) -> WeightFormat {
    guard let format = WeightFormat(rawValue: type) else {
      throw ModelError(
        .badData, "\(name) is stored as \(type) in \(path), expected F32, F16, BF16 or F64")
    }
    return format
  }

  /// The size of an element, in bytes.
  var byteCount: Int {
    switch self {
    case .f64: 8
    case .f32: 4
    case .f16, .bf16: 2
    }
  }

  /// The type in which bundles store it; doubles are rounded to floats.
  var inBundles: Safetensors.ElementType {
    switch self {
    case .f64, .f32: .f32
    case .f16: .f16
    case .bf16: .bf16
    }
  }

  /// Returns the elements, which are little-endian in both file formats and on all processors that Swift supports.
  func floats(_ raw: UnsafeRawBufferPointer) -> [Float] {
    switch self {
    case .f64: Self.copy(of: raw, as: Double.self).map { Float($0) }
    case .f32: Self.copy(of: raw, as: Float.self)
    case .f16: Self.copy(of: raw, as: Float16.self).map { Float($0) }
    case .bf16: Self.copy(of: raw, as: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    }
  }

  /// Copies bytes into an array, because bytes in a file may be unaligned.
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
