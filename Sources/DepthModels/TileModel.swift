public import Tensors

/// A network that sees one tile at a time: the seam behind which any network can stand.
public protocol TileModel: Sendable {
  /// What users, and whoever cuts the tiles, need to know of it.
  var card: ModelCard { get }
  /// Changes whenever the answers may: the hash of a bundle.
  var identity: String { get }
  /// Rows and columns of a tile must be multiples of it.
  var sizeMultiple: Int { get }
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

  /// The additions and multiplications for a tile; 0 where nobody has counted.
  func operationCount(rows: Int, columns: Int) -> Double
}

extension TileModel {
  public var weightBytes: Int { 0 }
  public func operationCount(rows: Int, columns: Int) -> Double { 0 }
}
