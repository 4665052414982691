public import DepthModels
import Synchronization
public import Tensors

/// A refiner that changes nothing and remembers how much of 0…1 each coarse tile took.
public final class SpyRefiner: TileRefiner {
  private let seen = Mutex<[Float]>([])
  public let steps = 1
  public let heightRange = RefinerArchitecture.HeightRange.shared

  public init() {}

  /// The greatest less the least of each tile, in the order of finishing.
  public var spans: [Float] { seen.withLock { $0 } }

  public func refine(
    _ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64
  ) -> Tensor {
    let (low, high) = coarse.range
    seen.withLock { $0.append(high - low) }
    return coarse
  }

  public func peakBytes(rows: Int, columns: Int) -> Int { 0 }
  public func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double { 0 }
}
