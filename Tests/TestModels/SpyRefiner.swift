public import DepthModels
import Synchronization
public import Tensors

/// A refiner that returns the coarse heights unchanged and records the range of each tile.
public final class SpyRefiner: TileRefiner {
  private let recorded = Mutex<[Float]>([])
  /// One step.
  public let steps = 1
  /// The range that heights are normalized by.
  public let heightRange = HeightRange.shared

  /// Creates a refiner that has recorded nothing.
  public init() {}

  /// The maximum minus the minimum of each coarse tile, in the order in which tiles finished.
  public var spans: [Float] { recorded.withLock { $0 } }

  /// Records the range of the coarse heights, and returns them.
  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> Tensor {
    let (low, high) = coarse.range
    recorded.withLock { $0.append(high - low) }
    return coarse
  }

  /// Returns 0.
  public func peakBytes(rows: Int, columns: Int) -> Int { 0 }
  /// Returns 0.
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double { 0 }
}
