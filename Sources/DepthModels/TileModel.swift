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

  /// How far its heights of a tile lie apart, from lowest to highest, on the land that it was trained on; nil where that
  /// is not known.
  var reliefRange: Float? { get }

  /// The half that sharpens what the tiles' heights have become once they lie on one surface; nil where there is none.
  var refiner: (any TileRefiner)? { get }
}

extension TileModel {
  public var weightBytes: Int { 0 }
  public var reliefRange: Float? { nil }
  public func operationCount(rows: Int, columns: Int) -> Double { 0 }
  public var refiner: (any TileRefiner)? { nil }
}

/// The refining half of a network: coarse heights and the image in, fine heights out.
public protocol TileRefiner: Sendable {
  /// Evaluations of its denoiser for one tile, unless the options say that fewer will do.
  var steps: Int { get }
  /// Whether it works on latents, which could be drawn instead of taken at their mean.
  var hasLatents: Bool { get }
  /// What its heights mean.
  var heightRange: RefinerArchitecture.HeightRange { get }

  /// Fine heights where the coarse ones lie in 0…1.
  ///
  /// - Parameters:
  ///   - coarse: `[1, row, column, 1]`, 0…1 from the lowest to the highest of the tile, or from a wider range.
  ///   - image: `[1, row, column, 3]`, 0…255 after the scene's stretch; of any size.
  ///   - options: What was chosen.
  ///   - seed: Decides about noise, where the options ask for some.
  /// - Returns: `[1, row, column, 1]`: with a shared height range, heights on the coarse ones' ruler, which may leave
  ///   0…1; else the form alone, 0…1 from its lowest to its highest.
  /// - Throws: Where the result is not finite, or is a form without any height.
  func refine(_ coarse: Tensor, image: Tensor, options: RefineOptions, seed: UInt64) throws
    -> Tensor

  /// The most memory that a tile takes while it runs on `Parallel.workers` threads, weights and image excluded.
  func peakBytes(rows: Int, columns: Int) -> Int

  /// The additions and multiplications for a tile; 0 where nobody has counted.
  func operationCount(rows: Int, columns: Int, options: RefineOptions) -> Double
}

extension TileRefiner {
  public var hasLatents: Bool { false }
}

/// What can be chosen when a tile is refined; the defaults are what a bundle was made for.
public struct RefineOptions: Hashable, Sendable, Codable {
  /// Evaluations of the denoiser.
  public var steps: Int
  /// Ends one evaluation early, as the text of D3-RSMDE has it, and not as its code does.
  public var stopsAtOne = false
  /// Draws latents from their distribution instead of taking its mean, as D3-RSMDE does with the VA-VAE.
  public var samplesPosterior = false
  /// The paper's way through: coarse heights cut to 8 bits, the image stretched by its own least and greatest,
  /// images decoded by the VA-VAE cut to 8 bits, the result stretched to 0…1.
  public var isLiteral = false

  public init(steps: Int) { self.steps = steps }
}
