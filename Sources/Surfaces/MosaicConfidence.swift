public import Grids

/// Per-pixel quality measures of a mosaic: how many tiles contribute, how much they differ, and their own
/// uncertainty.
///
/// Add the same tiles, with the same scales and offsets, as to the `Mosaic` that is described.
public struct MosaicConfidence: Sendable {
  /// The covered pixels of the scene.
  public let window: Window
  private let feather: Feather
  /// The number of tiles that have a value, `[row, column]`.
  public private(set) var tileCounts: [UInt8]
  private var weights: [Float]
  private var means: [Double]
  /// Σ w (v − mean)² of the tiles added so far.
  private var squares: [Float]
  /// Σ w of the flat tiles.
  private var flatWeights: [Float]
  private let hasSpreads: Bool
  /// Σ w · spread; empty if tiles have no spreads.
  private var spreads: [Float]

  /// Creates empty statistics.
  ///
  /// - Parameters:
  ///   - window: The pixels of the scene to cover.
  ///   - feather: The weights of the tiles.
  ///   - hasSpreads: Whether each tile has a spread of its own.
  public init(over window: Window, feather: Feather, hasSpreads: Bool = false) {
    self.window = window
    self.feather = feather
    tileCounts = Array(repeating: 0, count: window.pixelCount)
    weights = Array(repeating: 0, count: window.pixelCount)
    means = Array(repeating: 0, count: window.pixelCount)
    squares = weights
    flatWeights = weights
    self.hasSpreads = hasSpreads
    spreads = hasSpreads ? weights : []
  }

  /// Adds a tile in the same way as `Mosaic.add`.
  ///
  /// Squares are accumulated about the running mean. The form Σv² − (Σv)² would lose all digits at heights of 8000 m:
  /// D. H. D. West, "Updating mean and variance estimates", Comm. ACM 22, 1979, doi:10.1145/359146.359153.
  ///
  /// - Parameters:
  ///   - values: The whole tile `[row, column]`; NaN is a missing value.
  ///   - spread: The uncertainty of each value, in the unit of `values`; nil if tiles have no spreads.
  ///   - isFlat: Whether the tile has no scale of its own.
  ///   - tile: The index of the tile.
  ///   - scale: The scale of the tile's calibration.
  ///   - shift: The offset of the calibration, added after scaling.
  public mutating func add(
    _ values: borrowing [Float], spread: [Float]? = nil, isFlat: Bool = false, of tile: TileIndex,
    scale: Float = 1, shift: Float = 0
  ) {
    let count = feather.tiles.window(of: tile).pixelCount
    precondition(
      values.count == count && (spread?.count ?? count) == count,
      "a tile has one value and at most one spread per pixel")
    precondition((spread != nil) == hasSpreads, "either all tiles have a spread or none")
    feather.forEachPixel(of: tile, in: window) { target, source, weight in
      guard !values[source].isNaN else { return }
      let value = Double(scale * values[source] + shift)
      let (before, after) = (weights[target], weights[target] + weight)
      let distance = value - means[target]
      let step = distance * Double(weight) / Double(after)
      means[target] += step
      squares[target] += Float(Double(before) * distance * step)
      weights[target] = after
      tileCounts[target] += 1
      if isFlat { flatWeights[target] += weight }
      if let spread { spreads[target] += weight * abs(scale) * spread[source] }
    }
  }

  /// The weighted standard deviation √(Σ w (v − blend)² / Σ w) of the tiles' values about their blend,
  /// `[row, column]`.
  ///
  /// NaN where fewer than two tiles have a value.
  public var disagreement: [Float] {
    squares.indices.map {
      tileCounts[$0] > 1 ? (squares[$0] / weights[$0]).squareRoot() : .nan
    }
  }

  /// Whether flat tiles contribute more than half of the blend's weight, `[row, column]`.
  public var isFlat: [Bool] { weights.indices.map { 2 * flatWeights[$0] > weights[$0] } }

  /// The weighted mean of the tiles' spreads after calibration, `[row, column]`; nil if tiles have no spreads.
  ///
  /// NaN where no tile has a value.
  public var spread: [Float]? {
    guard hasSpreads else { return nil }
    return spreads.indices.map { weights[$0] > 0 ? spreads[$0] / weights[$0] : .nan }
  }
}
