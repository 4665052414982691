import Grids
import Surfaces

/// Terrain classes for which errors are reported separately.
public enum Stratum: String, CaseIterable, Sendable, Codable {
  /// Slopes below 5°.
  case slopeBelow5 = "slope below 5°"
  /// Slopes from 5° to below 15°.
  case slope5To15 = "slope 5–15°"
  /// Slopes from 15° to below 30°.
  case slope15To30 = "slope 15–30°"
  /// Slopes of at least 30°.
  case slopeAbove30 = "slope of 30° and more"
  /// Pixels that are not water.
  case land
  /// Pixels of a water mask, or level areas of the reference.
  case water

  /// The index of the case.
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

  /// Returns the class of a slope of the reference, in degrees.
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

/// Assigns terrain classes to the pixels of a reference.
struct Strata {
  /// The classes of a pixel.
  struct Kind: Sendable {
    /// Land or water.
    let cover: Stratum
    /// The slope class; nil if a neighbor has no height or slopes are unknown.
    let slope: Stratum?
  }

  /// The pixel size in meters; nil if unknown, in which case slopes are unknown, too.
  let ground: (x: Double, y: Double)?
  /// A mask that is nonzero where there is water; nil detects level areas of the reference.
  let water: (any HeightSurface)?

  /// How many neighbors a level pixel is compared with, and how much they may differ, in meters, because of rounding.
  private static let (reach, tolerance) = (2, Float(0.001))

  /// Returns the classes of the pixels of `inner`, given the reference over `outer`.
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
        let hasNeighbors =
          row > 0 && column > 0 && row + 1 < outer.height && column + 1 < outer.width
        var slope: Stratum?
        if let ground, hasNeighbors {
          slope = .slope(SlopeSums.slope(reference, i, outer.width, ground.x, ground.y))
        }
        result.append(Kind(cover: isWater ? .water : .land, slope: slope))
      }
    }
    return result
  }

  /// Whether all 5 × 5 pixels around a pixel have the same height.
  private func isLevel(_ values: [Float], _ outer: Window, _ row: Int, _ column: Int) -> Bool {
    let center = values[row * outer.width + column]
    for y in max(0, row - Self.reach)...min(outer.height - 1, row + Self.reach) {
      for x in max(0, column - Self.reach)...min(outer.width - 1, column + Self.reach)
      where !(abs(values[y * outer.width + x] - center) <= Self.tolerance) { return false }
    }
    return true
  }
}
