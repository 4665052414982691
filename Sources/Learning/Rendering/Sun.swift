internal import Foundation

/// Where the sun stands, and the light that it gives a slope.
public struct Sun: Hashable, Sendable {
  /// Clockwise from north, in degrees.
  public let azimuthInDegrees: Double
  /// Above the horizon, in degrees, over 0 and at most 90.
  public let elevationInDegrees: Double
  /// The unit vector toward the sun.
  public let east: Float
  public let north: Float
  public let up: Float

  /// Mid-morning in summer at middle latitudes, when Landsat and Sentinel-2 pass, unless said otherwise.
  public init(azimuthInDegrees: Double = 145, elevationInDegrees: Double = 48) {
    precondition(
      elevationInDegrees > 0 && elevationInDegrees <= 90, "the sun stands above the horizon")
    self.azimuthInDegrees = azimuthInDegrees
    self.elevationInDegrees = elevationInDegrees
    let azimuth = azimuthInDegrees * .pi / 180
    let elevation = elevationInDegrees * .pi / 180
    // Rounding to Float hides the last bits in which libraries' sines differ.
    east = Float(cos(elevation) * sin(azimuth))
    north = Float(cos(elevation) * cos(azimuth))
    up = Float(sin(elevation))
  }

  /// The cosine of the angle between sun and slope normal, 0 on slopes turned away: Lambert's law.
  ///
  /// The gradient is in metres per metre; level ground has `up`.
  public func incidence(on gradient: (east: Float, north: Float)) -> Float {
    let length = (1 + gradient.east * gradient.east + gradient.north * gradient.north).squareRoot()
    let dot = up - east * gradient.east - north * gradient.north
    return dot.isNaN ? dot : max(0, dot / length)
  }

  /// `[row, column]`, 0...1: how much of the sun's disc each pixel sees over the terrain around it.
  ///
  /// Each pixel looks toward the sun in steps of one pixel until it looks over the highest peak. Voids and what
  /// lies beyond the edge cast no shadow.
  public func visibility(over field: HeightField) -> [Float] {
    guard let highest = field.range?.upperBound else {
      return [Float](repeating: 1, count: field.heights.count)
    }
    let horizontal = (east * east + north * north).squareRoot()
    guard horizontal > 1e-6 else {  // the sun in the zenith
      return [Float](repeating: 1, count: field.heights.count)
    }
    let (columnStep, rowStep) = (east / horizontal, -north / horizontal)
    let rise = up / horizontal * field.gsdInMeters
    // The disc's radius is 0.27°, seen along the ray: so wide is its image after each metre.
    let penumbra = 0.00465 / (horizontal * horizontal) * field.gsdInMeters

    var result: [Float] = []
    result.reserveCapacity(field.heights.count)
    for row in 0..<field.height {
      for column in 0..<field.width {
        let height = field.heights[row * field.width + column]
        var seen: Float = 1
        var step: Float = 1
        while seen > 0, height + (step - 1) * rise < highest {
          let x = Float(column) + step * columnStep
          let y = Float(row) + step * rowStep
          guard x >= 0, y >= 0, x <= Float(field.width - 1), y <= Float(field.height - 1) else {
            break
          }
          let clearance = height + step * rise - field.bilinear(column: x, row: y)
          let share = 0.5 + 0.5 * clearance / (penumbra * step)
          if share < seen { seen = max(0, share) }
          step += 1
        }
        result.append(seen)
      }
    }
    return result
  }
}
