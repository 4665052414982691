import Foundation

/// The direction of the sun, and its illumination of terrain.
public struct Sun: Hashable, Sendable {
  /// The azimuth in degrees, clockwise from north.
  public let azimuthInDegrees: Double
  /// The elevation above the horizon in degrees, above 0 and at most 90.
  public let elevationInDegrees: Double
  /// The east component of the unit vector toward the sun.
  public let east: Float
  /// The north component of the unit vector toward the sun.
  public let north: Float
  /// The vertical component of the unit vector toward the sun.
  public let up: Float

  /// Creates a sun; the default is a summer mid-morning at middle latitudes, when Landsat and Sentinel-2 pass.
  public init(azimuthInDegrees: Double = 145, elevationInDegrees: Double = 48) {
    precondition(
      elevationInDegrees > 0 && elevationInDegrees <= 90, "the sun must be above the horizon")
    self.azimuthInDegrees = azimuthInDegrees
    self.elevationInDegrees = elevationInDegrees
    let azimuth = azimuthInDegrees * .pi / 180
    let elevation = elevationInDegrees * .pi / 180
    // Rounding to Float hides the last bits, in which sine implementations differ.
    east = Float(cos(elevation) * sin(azimuth))
    north = Float(cos(elevation) * cos(azimuth))
    up = Float(sin(elevation))
  }

  /// Returns the cosine of the angle between the sun and the slope normal, 0 on slopes facing away: Lambert's law.
  ///
  /// The gradient is in meters of rise per meter; on level ground, the result is `up`.
  public func incidence(on gradient: (east: Float, north: Float)) -> Float {
    let length = (1 + gradient.east * gradient.east + gradient.north * gradient.north).squareRoot()
    let dot = up - east * gradient.east - north * gradient.north
    return dot.isNaN ? dot : max(0, dot / length)
  }

  /// Returns the fraction of the sun's disc that is visible from each pixel over the terrain, `[row, column]`, 0...1.
  ///
  /// A ray is traced from each pixel toward the sun in steps of one pixel until it is above the highest peak. Voids and
  /// terrain beyond the edge cast no shadow.
  public func visibility(over field: HeightField) -> [Float] {
    guard let highest = field.range?.upperBound else {
      return [Float](repeating: 1, count: field.heights.count)
    }
    let horizontal = (east * east + north * north).squareRoot()
    guard horizontal > 1e-6 else {  // the sun at the zenith
      return [Float](repeating: 1, count: field.heights.count)
    }
    let (columnStep, rowStep) = (east / horizontal, -north / horizontal)
    let rise = up / horizontal * field.gsdInMeters
    // The disc's radius is 0.27°; this is its vertical extent at a distance of one pixel.
    let penumbra = 0.00465 / (horizontal * horizontal) * field.gsdInMeters

    var result: [Float] = []
    result.reserveCapacity(field.heights.count)
    for row in 0..<field.height {
      for column in 0..<field.width {
        let height = field.heights[row * field.width + column]
        var visible: Float = 1
        var step: Float = 1
        while visible > 0, height + (step - 1) * rise < highest {
          let x = Float(column) + step * columnStep
          let y = Float(row) + step * rowStep
          guard x >= 0, y >= 0, x <= Float(field.width - 1), y <= Float(field.height - 1) else {
            break
          }
          let clearance = height + step * rise - field.bilinear(column: x, row: y)
          let share = 0.5 + 0.5 * clearance / (penumbra * step)
          if share < visible { visible = max(0, share) }
          step += 1
        }
        result.append(visible)
      }
    }
    return result
  }
}
