extension SceneOptions {
  /// The number of pixel sizes at which the coarse network processes each tile, to improve the heights and to estimate
  /// their uncertainty.
  ///
  /// The first member is the tile itself. The others cover its area in pixels up to twice as large, with more of the
  /// surroundings. This changes the visible landforms and where the network's patches begin, but keeps the sun where
  /// the network expects it; mirrored members would move the sun to the other side. Low frequencies are the mean of all
  /// members, high frequencies those of the first. Each member costs one tile inference.
  public enum Ensemble: Int, Sendable, Codable, CaseIterable {
    /// Two members.
    case two = 2
    /// Four members.
    case four = 4
    /// Eight members.
    case eight = 8

    /// The pixel sizes of the members in pixels of the tile; the first is 1, all are less than 2.
    package var scales: [Double] {
      (0..<rawValue).map { 1 + Double($0) / Double(rawValue) }
    }
  }
}

/// A network's heights of one tile.
package struct TileHeights: Sendable {
  /// `[row, column]` of the whole tile.
  package var values: [Float]
  /// The standard deviation (n − 1) of the ensemble members, in the units of `values`, `[row, column]`; nil without an
  /// ensemble.
  package var spread: [Float]?
}

/// Accumulates the mean and variance of ensemble members one by one, so that only one member is in memory.
///
/// Source: B. P. Welford, "Note on a method for calculating corrected sums of squares and products", Technometrics 4,
/// 1962, doi:10.1080/00401706.1962.10490022.
struct MemberSum {
  private var count = 0.0
  private var means: [Double]
  /// Σ (v − mean)² of the members added so far.
  private var squares: [Double]

  /// Creates an empty accumulator for members with the given number of pixels.
  init(pixels: Int) {
    means = Array(repeating: 0, count: pixels)
    squares = means
  }

  /// Adds the member scale · values + offset.
  mutating func add(_ values: [Float], scale: Double = 1, offset: Double = 0) {
    count += 1
    for i in means.indices {
      let distance = scale * Double(values[i]) + offset - means[i]
      means[i] += distance / count
      squares[i] += distance * (scale * Double(values[i]) + offset - means[i])
    }
  }

  /// The mean and the spread of the members; requires at least two members.
  var heights: TileHeights {
    TileHeights(
      values: means.map { Float($0) },
      spread: squares.map { Float(($0 / (count - 1)).squareRoot()) })
  }
}
