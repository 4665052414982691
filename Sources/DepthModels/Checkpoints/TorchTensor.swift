import FoundationEssentials
import Tensors

/// A tensor in a checkpoint of PyTorch: by strides, a view of the elements of a storage.
struct TorchTensor: Sendable {
  let stored: StoredTensor
  private let strides: [Int]
  /// The storage's bytes in the file, from the tensor's first element on.
  private let bytes: Range<Int>

  /// A view that must lie in its storage; no more elements than that has, so that strides of zero are no bomb.
  init(
    type: String, storage: Range<Int>, byteCount: Int, offset: Int, dims: [Int], strides: [Int],
    place: String
  ) throws(ModelError) {
    guard let shape = Shape(stated: dims, byteCount: byteCount), strides.count == dims.count,
      strides.allSatisfy({ $0 >= 0 }), offset >= 0
    else {
      throw ModelError(
        .badData, "\(place) is \(dims) with the strides \(strides) from element \(offset) on")
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
          + "its storage has \(available)")
    }
    stored = StoredTensor(type, shape)
    // Where there is but one, the stride to the next may be any number.
    self.strides = zip(dims, strides).map { $0 > 1 ? $1 : 0 }
    bytes = storage.lowerBound + offset * byteCount..<storage.upperBound
  }

  /// What takes a name in a state dict but is no tensor that could be read.
  init(opaque what: String) {
    stored = StoredTensor(what, [])
    strides = []
    bytes = 0..<0
  }

  /// The elements in row-major order, whatever the order in the file.
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
      : StridedPlaces(dims: shape.dims, strides: strides).map { floats[$0] }
  }
}

/// The places of a view's elements in their storage, the last axis running fastest.
private struct StridedPlaces: Sequence, IteratorProtocol {
  let dims: [Int]
  let strides: [Int]
  private var index: [Int]
  private var place: Int? = 0

  /// None of the sides may be zero.
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
