import Grids
import Surfaces

/// Kinds of ground in which errors are told apart.
public enum Stratum: String, CaseIterable, Sendable, Codable {
  case slopeBelow5 = "slope below 5°"
  case slope5To15 = "slope 5–15°"
  case slope15To30 = "slope 15–30°"
  case slopeAbove30 = "slope of 30° and more"
  case land
  case water

  /// Its place among all cases.
  var index: Int {
    switch self {
    case .slopeBelow5: 0
    case .slope5To15: 1
    case .slope15To30: 2
    case .slopeAbove30: 3
    case .land: 4
    case .water: 5
    }
  }

  /// By the slope of the reference, in degrees.
  static func slope(_ degrees: Double) -> Stratum? {
    switch degrees {
    case ..<5: .slopeBelow5
    case ..<15: .slope5To15
    case ..<30: .slope15To30
    case 30...: .slopeAbove30
    default: nil
    }
  }
}

/// Finds the strata of a reference.
struct Strata {
  /// What a pixel is.
  struct Kind: Sendable {
    /// Land or water.
    let cover: Stratum
    /// nil where a neighbour has no height, or nothing tells slopes.
    let slope: Stratum?
  }

  /// Of a pixel, in metres; nil where nothing tells it, and slopes with it.
  let ground: (x: Double, y: Double)?
  /// Not 0 where there is water; nil where the reference tells it.
  let water: (any HeightSurface)?

  /// How far a level pixel's neighbours are looked at, and how much they may differ, in metres: rounding.
  private static let (reach, tolerance) = (2, Float(0.001))

  /// The strata of each pixel of a window inside the one whose reference is given.
  func find(_ reference: [Float], _ outer: Window, _ inner: Window) throws -> [Kind] {
    let water = try water?.heights(in: inner)
    let place = inner.relative(to: outer)
    var result: [Kind] = []
    result.reserveCapacity(inner.pixelCount)
    for row in place.rows {
      for column in place.columns {
        let i = row * outer.width + column
        let isWater =
          water.map { $0[result.count] != 0 && !$0[result.count].isNaN }
          ?? isLevel(reference, outer, row, column)
        let hasNeighbours =
          row > 0 && column > 0 && row + 1 < outer.height && column + 1 < outer.width
        var slope: Stratum?
        if let ground, hasNeighbours {
          slope = .slope(SlopeSums.slope(reference, i, outer.width, ground.x, ground.y))
        }
        result.append(Kind(cover: isWater ? .water : .land, slope: slope))
      }
    }
    return result
  }

  /// Whether all 5 × 5 pixels around have one height.
  private func isLevel(_ values: [Float], _ outer: Window, _ row: Int, _ column: Int) -> Bool {
    let centre = values[row * outer.width + column]
    for y in max(0, row - Self.reach)...min(outer.height - 1, row + Self.reach) {
      for x in max(0, column - Self.reach)...min(outer.width - 1, column + Self.reach)
      where !(abs(values[y * outer.width + x] - centre) <= Self.tolerance) { return false }
    }
    return true
  }
}
