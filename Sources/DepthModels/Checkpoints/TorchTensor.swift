import FoundationEssentials
import Tensors

/// A tensor in a PyTorch checkpoint: a strided view of the elements of a storage.
struct TorchTensor: Sendable {
  let stored: StoredTensor
  private let strides: [Int]
  /// The byte range of the storage in the file, from the tensor's first element on.
  private let bytes: Range<Int>

  /// Creates a view that must lie inside its storage.
  ///
  /// It must not have more elements than the storage, so that strides of 0 cannot be used as a decompression bomb.
  ///
  /// - Throws: `ModelError` if a size, a stride or the offset is invalid.
  init(
    type: String, storage: Range<Int>, byteCount: Int, offset: Int, dims: [Int], strides: [Int],
    place: String
  ) throws(ModelError) {
    guard let shape = Shape(stated: dims, byteCount: byteCount), strides.count == dims.count,
      strides.allSatisfy({ $0 >= 0 }), offset >= 0
    else {
      throw ModelError(
        .badData,
        "\(place) is \(dims) with the strides \(strides) from element \(offset) on, expected no "
          + "negative values, one stride per axis, and a size that fits into memory")
    }
    let available = storage.count / byteCount
    var last = shape.count == 0 ? offset - 1 : offset
    for (side, stride) in zip(dims, strides) where shape.count > 0 {
      let step = stride.multipliedReportingOverflow(by: side - 1)
      let sum = last.addingReportingOverflow(step.partialValue)
      last = step.overflow || sum.overflow ? .max : sum.partialValue
    }
    guard offset <= available, last < available, shape.count <= available else {
      throw ModelError(
        .badData,
        "\(place) is \(dims) with the strides \(strides) from element \(offset) on, "
          + "but its storage has \(available) elements")
    }
    stored = StoredTensor(type, shape)
    // The stride of an axis with a single element is never used and may have any value.
    self.strides = zip(dims, strides).map { $0 > 1 ? $1 : 0 }
    bytes = storage.lowerBound + offset * byteCount..<storage.upperBound
  }

  /// Creates a placeholder for an entry of a state dictionary that is not a readable tensor.
  init(opaque what: String) {
    stored = StoredTensor(what, [])
    strides = []
    bytes = 0..<0
  }

  /// Returns the elements in row-major order, whatever their order in the file.
  func floats(in file: Data, as format: WeightFormat) -> [Float] {
    let shape = stored.shape
    guard shape.count > 0 else { return [] }
    var expected = 1
    var isContiguous = true
    var extent = 1
    for (side, stride) in zip(shape.dims, strides).reversed() where side > 1 {
      isContiguous = isContiguous && stride == expected
      expected *= side
      extent += (side - 1) * stride
    }
    let bytes = file[bytes].prefix(extent * format.byteCount)
    let floats = bytes.withUnsafeBytes(format.floats)
    return isContiguous
      ? floats
      : StridedOffsets(dims: shape.dims, strides: strides).map { floats[$0] }
  }
}

/// The offsets of a view's elements in their storage, with the last axis varying fastest.
private struct StridedOffsets: Sequence, IteratorProtocol {
  let dims: [Int]
  let strides: [Int]
  private var index: [Int]
  private var place: Int? = 0

  /// Creates a sequence of offsets; no side may be zero.
  init(dims: [Int], strides: [Int]) {
    self.dims = dims
    self.strides = strides
    index = dims.map { _ in 0 }
  }

  var underestimatedCount: Int { dims.reduce(1, *) }

  mutating func next() -> Int? {
    guard let found = place else { return nil }
    var following = found
    for axis in dims.indices.reversed() {
      index[axis] += 1
      following += strides[axis]
      guard index[axis] == dims[axis] else {
        place = following
        return found
      }
      following -= strides[axis] * dims[axis]
      index[axis] = 0
    }
    place = nil
    return found
  }
}
