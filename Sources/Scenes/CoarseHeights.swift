package import DepthModels
package import Grids
import Surfaces
import Tensors

/// What the coarse half of a network says of a tile, or the mean of what it says of the tile turned several ways.
package struct CoarseHeights: Sendable {
  let model: any TileModel
  let ensemble: SceneOptions.Ensemble?

  package init(model: any TileModel, ensemble: SceneOptions.Ensemble?) {
    self.model = model
    self.ensemble = ensemble
  }

  /// Heights [row, column] of the whole tile, on the ruler that it is given as it lies.
  ///
  /// Each member of an ensemble has a scale and a shift of its own, and is brought to that which sees the tile as it
  /// lies by what both show of the valid pixels.
  package func heights(of tile: TileIndex, seen: SourceTile) throws -> TileHeights {
    guard let ensemble else {
      return TileHeights(values: try model.coarseHeight(of: seen.image).scalars)
    }
    let valid = { (heights: [Float]) in zip(heights, seen.isValid).map { $1 ? $0 : Float.nan } }
    var sum = MemberSum(pixels: seen.isValid.count)
    var first: [Float]?
    for turn in ensemble.turns {
      let member = try model.coarseHeight(of: seen.image.turned(by: turn))
        .turned(by: turn.inverse).scalars
      guard member.allSatisfy(\.isFinite) else {
        throw Failure(.badData, "the network gave no finite heights for the tile seen \(turn)")
      }
      if let first, let fit = AffineFit(of: valid(member), to: first) {
        let (scale, shift) = Self.line(fit)
        sum.add(member, scale: scale, shift: shift)
      } else {
        first = valid(member)
        sum.add(member)
      }
    }
    return sum.heights
  }

  /// The trust below which a member is not believed to show what the first one shows.
  private static let leastTrust = 0.1

  /// What brings a member to the first.
  ///
  /// One that does not show what the first shows is counted all the same: that they differ is what the spread has to
  /// tell, and of the two nobody knows which is right. But the ratio of two reliefs that have nothing in common is no
  /// scale, and would blow up the noise of a member that sees little: so it keeps its own, which the same network gave
  /// to the same ground, and is brought to the first one's level alone.
  private static func line(_ fit: AffineFit) -> (scale: Double, shift: Double) {
    fit.trust >= leastTrust ? (fit.scale, fit.shift) : (1, fit.referenceMean - fit.mean)
  }
}
