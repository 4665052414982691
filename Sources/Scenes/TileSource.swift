public import Grids
public import Tensors

/// Window → calibrated pixels and validity: what a network sees of a scene.
public protocol TileSource: Sendable {
  /// The pixels of a window on a lattice over the scene's ground, which may be coarser or finer than the
  /// scene's own.
  ///
  /// The window may reach beyond the lattice: there the scene is mirrored, and not valid.
  func tile(_ window: Window, on lattice: Grid) async throws -> SourceTile
}

/// One tile of the scene as the network sees it.
public struct SourceTile: Sendable {
  /// [1, row, column, 3], red, green and blue in 0…255; the scene's fill where a band has no sample.
  public let image: Tensor
  /// [row, column], false outside the scene and where it has no data.
  public let isValid: [Bool]

  public init(image: Tensor, isValid: [Bool]) {
    self.image = image
    self.isValid = isValid
  }

  public var hasValidPixels: Bool { isValid.contains(true) }
}

/// The position inside `0..<count` that mirroring puts at `position`; the outermost pixel is not repeated.
func mirrored(_ position: Int, within count: Int) -> Int {
  guard count > 1 else { return 0 }
  let period = 2 * (count - 1)
  let phase = ((position % period) + period) % period
  return phase < count ? phase : period - phase
}
