import Synchronization

/// A profiler for networks: records the seconds and operations of each kind of layer.
///
/// Recording costs two clock reads per layer, and nothing if no recorder is active.
public final class LayerTimes: Sendable {
  @TaskLocal static var recorder: LayerTimes?

  /// A key of the profile: a kind of layer and its sizes.
  public struct Layer: Hashable, Sendable {
    /// The kind of the layer.
    public var kind: Kind
    /// The sizes, such as `128 → 128, 512 × 512`.
    public var sizes: String
  }

  /// The kinds of layers.
  public enum Kind: String, Sendable, CaseIterable {
    /// A 3 × 3 convolution.
    case convolution3x3 = "3 × 3"
    /// A 3 × 3 convolution of a map upsampled by 2.
    case convolution3x3Doubled = "× 2, then 3 × 3"
    /// A convolution with another kernel size or a stride.
    case convolutionOther = "other convolution"
    /// A matrix product.
    case product
    /// Multi-head attention.
    case attention
    /// A normalization.
    case normalization
  }

  /// The totals of a layer.
  public struct Total: Sendable {
    /// The number of calls.
    public var calls = 0
    /// The elapsed seconds.
    public var seconds = 0.0
    /// The additions and multiplications in the definition of the layer; a fast algorithm may need fewer.
    public var operations = 0.0
  }

  private let totals = Mutex<[Layer: Total]>([:])

  /// Creates an empty profile.
  public init() {}

  /// The totals recorded so far.
  public var layers: [Layer: Total] { totals.withLock { $0 } }

  /// Records the layers that `body` runs.
  public func recording<Result>(_ body: () throws -> Result) rethrows -> Result {
    try Self.$recorder.withValue(self, operation: body)
  }

  /// Runs and times one layer; nested layers are counted as part of it.
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
