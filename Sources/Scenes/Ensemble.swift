import Surfaces
import Tensors

extension SceneOptions {
  /// In how many ways each tile is seen, to be better in the mean and to tell how sure the network is.
  ///
  /// A network that is trained on the ground as it lies sees a mirrored tile with other errors: shadows fall the other
  /// way, and patches begin elsewhere.
  public enum Ensemble: Int, Sendable, Codable, CaseIterable {
    /// As it is, mirrored along rows and along columns, and turned by 180°.
    case four = 4
    /// The same with rows and columns swapped, too.
    case eight = 8

    /// The ways, that as it is first.
    var turns: [Turn] { Array(Turn.all.prefix(rawValue)) }
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
