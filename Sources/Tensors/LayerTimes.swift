internal import Synchronization

/// Where a network's time goes: seconds and operations of each kind of layer, as they run.
///
/// Recording costs two looks at the clock for each layer, and nothing where nobody records.
public final class LayerTimes: Sendable {
  @TaskLocal static var recorder: LayerTimes?

  /// What took its time.
  public struct Layer: Hashable, Sendable {
    public var kind: Kind
    /// Sizes, as in `128 → 128, 512 × 512`.
    public var sizes: String
  }

  public enum Kind: String, Sendable, CaseIterable {
    case convolution3x3 = "3 × 3"
    case convolution3x3Doubled = "× 2, then 3 × 3"
    case convolutionOther = "other convolution"
    case product
    case attention
    case normalization
  }

  public struct Total: Sendable {
    public var calls = 0
    public var seconds = 0.0
    /// Additions and multiplications of the layer's definition, however few a fast way needs.
    public var operations = 0.0
  }

  private let totals = Mutex<[Layer: Total]>([:])

  public init() {}

  /// What has been recorded.
  public var layers: [Layer: Total] { totals.withLock { $0 } }

  /// Records the layers that `body` runs.
  public func recording<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$recorder.withValue(self, operation: body)
  }

  /// Runs one layer; layers within it count as parts of it.
  static func timed<Result>(
    _ kind: @autoclosure () -> Kind, _ sizes: @autoclosure () -> String = "",
    operations: @autoclosure () -> Double = 0, _ body: () -> Result
  ) -> Result {
    guard let recorder else { return body() }
    let clock = ContinuousClock()
    let start = clock.now
    let result = $recorder.withValue(nil, operation: body)
    let seconds = (clock.now - start) / .seconds(1)
    recorder.totals.withLock { totals in
      let layer = Layer(kind: kind(), sizes: sizes())
      totals[layer, default: Total()].calls += 1
      totals[layer, default: Total()].seconds += seconds
      totals[layer, default: Total()].operations += operations()
    }
    return result
  }
}

extension LayerTimes.Kind {
  init(kernel: Shape, stride: Int, preparation: InputPreparation) {
    switch (kernel[0], kernel[1], stride, preparation) {
    case (3, 3, 1, .doubled): self = .convolution3x3Doubled
    case (3, 3, 1, _): self = .convolution3x3
    default: self = .convolutionOther
    }
  }
}
