public import Grids

/// What the tiles that a mosaic blends say of each pixel beside its value: how many they are, how far they lie apart,
/// how sure each is of itself.
///
/// To be given the same tiles, with the same scales and shifts, as the `Mosaic` whose blend it is about.
public struct MosaicConfidence: Sendable {
  public let window: Window
  private let feather: Feather
  /// How many tiles have a value, [row, column].
  public private(set) var tileCounts: [UInt8]
  private var weights: [Float]
  private var means: [Double]
  /// Σ w (v − mean)² of the tiles so far.
  private var squares: [Float]
  /// Σ w of those that are flat.
  private var flatWeights: [Float]
  private let hasSpreads: Bool
  /// Σ w · spread; empty where tiles have none.
  private var spreads: [Float]

  /// - Parameters:
  ///   - window: The pixels.
  ///   - feather: The weights of the tiles.
  ///   - hasSpreads: Whether each tile comes with a spread of its own.
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

  /// Adds a tile as `Mosaic.add` does.
  ///
  /// Squares are summed about the running mean, never as Σv² − (Σv)², of which heights of 8000 m would leave nothing:
  /// D. H. D. West, "Updating mean and variance estimates", Comm. ACM 22, 1979, doi:10.1145/359146.359153.
  ///
  /// - Parameters:
  ///   - values: The whole tile as [row, column], NaN where it has none.
  ///   - spread: How unsure the tile is of each, in the units of `values`; nil unless tiles have spreads.
  ///   - isFlat: Whether the tile has no scale of its own.
  ///   - tile: Which it is.
  ///   - scale: Of its ruler, as the shift.
  ///   - shift: Added after scaling.
  public mutating func add(
    _ values: borrowing [Float], spread: [Float]? = nil, isFlat: Bool = false, of tile: TileIndex,
    scale: Float = 1, shift: Float = 0
  ) {
    let count = feather.tiles.window(of: tile).pixelCount
    precondition(
      values.count == count && (spread?.count ?? count) == count, "a tile has one value a pixel")
    precondition((spread != nil) == hasSpreads, "all tiles have a spread or none has")
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

  /// The weighted standard deviation √(Σ w (v − blend)² / Σ w) of the tiles' values about their blend, [row, column];
  /// NaN where fewer than two tiles have one.
  public var disagreement: [Float] {
    squares.indices.map {
      tileCounts[$0] > 1 ? (squares[$0] / weights[$0]).squareRoot() : .nan
    }
  }

  /// Whether more than half of the blend's weight is that of flat tiles, [row, column].
  public var isFlat: [Bool] { weights.indices.map { 2 * flatWeights[$0] > weights[$0] } }

  /// The weighted mean of the tiles' spreads on the common ruler, [row, column]; NaN where no tile has a value, nil
  /// where tiles have no spreads.
  public var spread: [Float]? {
    guard hasSpreads else { return nil }
    return spreads.indices.map { weights[$0] > 0 ? spreads[$0] / weights[$0] : .nan }
  }
}
