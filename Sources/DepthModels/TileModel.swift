public import Tensors

/// A network that sees one tile at a time.
public protocol TileModel: Sendable {
  /// Rows and columns of a tile must be multiples of it.
  var sizeMultiple: Int { get }
  /// The rows and columns of a tile as the model recommends them.
  var tileSize: Int { get }
  /// The pixels that neighbouring tiles share, as the model recommends them.
  var overlap: Int { get }
  /// The memory that the weights hold.
  var weightBytes: Int { get }

  /// Relative height, larger is higher, with a scale and shift that differ from tile to tile.
  ///
  /// - Parameter image: `[1, row, column, 3]`, 0…255 after the scene's stretch.
  /// - Returns: `[1, row, column, 1]`.
  /// - Throws: Where no heights can be had of this image.
  func coarseHeight(of image: Tensor) throws -> Tensor

  /// The most memory that a tile takes while it runs on `Parallel.workers` threads, weights and image excluded.
  func peakBytes(rows: Int, columns: Int) -> Int

  /// The additions and multiplications for a tile.
  func operationCount(rows: Int, columns: Int) -> Double
}
