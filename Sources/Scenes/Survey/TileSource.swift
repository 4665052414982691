public import Grids
public import Tensors

/// A source of the network's input: the calibrated pixels of a scene and their validity.
public protocol TileSource: Sendable {
  /// Returns the pixels of a window on a lattice over the scene, which may be coarser or finer than the scene's grid.
  ///
  /// The window may extend beyond the lattice: there the scene is mirrored, and the pixels are not valid.
  func tile(_ window: Window, on lattice: Grid) async throws -> SourceTile
}

/// One tile of the scene, as the network's input.
public struct SourceTile: Sendable {
  /// The image as `[1, row, column, 3]`: red, green and blue, 0…255; the radiometry's fill where a band has no sample.
  public let image: Tensor
  /// Whether each pixel is valid, as `[row, column]`: false outside the scene and where it has no data.
  public let isValid: [Bool]

  /// Creates a tile from an image and the validity of its pixels.
  public init(image: Tensor, isValid: [Bool]) {
    self.image = image
    self.isValid = isValid
  }

  /// Whether any pixel is valid.
  public var hasValidPixels: Bool { isValid.contains(true) }
}

/// Returns the position in `0..<count` to which mirroring maps `position`; the outermost pixel is not repeated.
func mirrored(_ position: Int, within count: Int) -> Int {
  guard count > 1 else { return 0 }
  let period = 2 * (count - 1)
  let phase = ((position % period) + period) % period
  return phase < count ? phase : period - phase
}
