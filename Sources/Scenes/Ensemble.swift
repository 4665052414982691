extension SceneOptions {
  /// At how many pixel sizes the coarse network sees each tile, to be better in the mean and to tell how sure it is.
  ///
  /// One look sees the tile as it lies; the others see its ground in pixels up to twice as large, with more of the land
  /// around it. That changes which forms the network sees and where its patches begin, and leaves the light where the
  /// network expects it; mirrored looks would turn the sun to the other side. Broad forms are the mean of all looks, fine
  /// ones those of the first. Each look costs what one tile costs.
  public enum Ensemble: Int, Sendable, Codable, CaseIterable {
    case two = 2
    case four = 4
    case eight = 8

    /// Pixels of the looks, in pixels of the tile; that as it lies first.
    package var scales: [Double] {
      (0..<rawValue).map { 1 + Double($0) / Double(rawValue) }
    }
  }
}

/// What a network says of a tile.
package struct TileHeights: Sendable {
  /// [row, column] of the whole tile.
  package var values: [Float]
  /// How far the members of an ensemble lie apart there: their standard deviation (n − 1) in the units of `values`,
  /// [row, column]; nil without an ensemble.
  package var spread: [Float]?
}

/// Sums up the members of an ensemble, one after the other, so that no two of them are held at once.
///
/// Source: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4,
/// 1962, doi:10.1080/00401706.1962.10490022.
struct MemberSum {
  private var count = 0.0
  private var means: [Double]
  /// Σ (v − mean)² so far.
  private var squares: [Double]

  /// For members of so many pixels.
  init(pixels: Int) {
    means = Array(repeating: 0, count: pixels)
    squares = means
  }

  /// Adds scale · values + shift.
  mutating func add(_ values: [Float], scale: Double = 1, shift: Double = 0) {
    count += 1
    for i in means.indices {
      let distance = scale * Double(values[i]) + shift - means[i]
      means[i] += distance / count
      squares[i] += distance * (scale * Double(values[i]) + shift - means[i])
    }
  }

  /// Their mean and spread; two members at least.
  var heights: TileHeights {
    TileHeights(
      values: means.map { Float($0) },
      spread: squares.map { Float(($0 / (count - 1)).squareRoot()) })
  }
}
