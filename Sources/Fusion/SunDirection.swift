import Glibc
import Grids

/// The direction towards which an image is bright where a reference falls, if it is lit like a landscape.
///
/// It is that of the first canonical pair of the reference's gradient and the logarithms of the bands: the direction of
/// the slope and the sum of bands that correlate best (H. Hotelling, "Relations between two sets of variates",
/// Biometrika 28, 1936, doi:10.1093/biomet/28.3-4.321). On land of one color, it is the sun's.
public struct SunDirection: Hashable, Sendable, Codable {
  /// The direction towards the sun, in columns and rows; of length 1.
  public let columns, rows: Double
  /// The correlation of the slope in that direction with the brightness, 0…1.
  public let agreement: Double

  /// Creates a direction from the degrees clockwise from the top of the image.
  public init(degrees: Double) {
    (columns, rows) = (sin(degrees * .pi / 180), -cos(degrees * .pi / 180))
    agreement = 1
  }

  /// The direction in degrees clockwise from the top of the image, 0…360.
  public var degrees: Double {
    let angle = atan2(columns, -rows) * 180 / .pi
    return angle < 0 ? angle + 360 : angle
  }

  /// Returns the angle to another direction in degrees, 0…180.
  public func angle(to degrees: Double) -> Double {
    let difference = abs(self.degrees - degrees).truncatingRemainder(dividingBy: 360)
    return min(difference, 360 - difference)
  }

  /// The standard deviation of the Gaussian mean that is subtracted from brightness, in cells: broad differences are
  /// those of land cover.
  private static let broad = 8.0
  /// What draws the sum of bands to their mean: a share of their variance, and in observations.
  private static let ridge = (share: 0.02, observations: 20.0)

  /// Whether the direction may be that of the sun, which stands at the given degrees clockwise from the top of the image.
  ///
  /// In other directions, plants and soils of slopes pass for light.
  public func isLikely(expecting degrees: Double) -> Bool { angle(to: degrees) <= 60 }

  /// Estimates the direction from parts of a scene; nil if the reference or the image is flat.
  public init?(of samples: [FusionSample]) {
    guard let count = samples.first?.bands.count, count > 0 else { return nil }
    var inner = NormalEquations(count: count)
    var own = [[Double]](repeating: [0, 0], count: 2)
    var across = [[Double]](repeating: Array(repeating: 0, count: count), count: 2)
    let observations = Double(samples.reduce(0) { $0 + $1.spline.cells.pixelCount })
    for sample in samples {
      let cells = sample.spline.cells
      let share = Double(cells.pixelCount) / observations
      let slopes = Self.gradients(sample.reference, cells)
      let lights = sample.bands.map { Self.local(sample.spline.means($0), cells) }
      let (steep, lit) = (
        Self.covariances(slopes, slopes), Self.covariances(slopes, lights)
      )
      for axis in 0..<2 {
        for other in 0..<2 { own[axis][other] += share * steep[axis][other] }
        for band in 0..<count { across[axis][band] += share * lit[axis][band] }
      }
      for (i, row) in Self.covariances(lights, lights).enumerated() {
        for (j, value) in row.enumerated() { inner.matrix[i * count + j] += share * value }
      }
    }
    let variance =
      (0..<count).reduce(0) { $0 + inner.matrix[$1 * count + $1] } / Double(count)
    for i in 0..<count {
      inner.matrix[i * count + i] +=
        variance * (Self.ridge.share + Self.ridge.observations / observations)
    }
    /// The sum of bands that correlates best with the slope in a direction.
    func weights(_ direction: (Double, Double)) -> [Double]? {
      inner.vector = (0..<count).map {
        across[0][$0] * direction.0 + across[1][$0] * direction.1
      }
      return inner.solution
    }
    let determinant = own[0][0] * own[1][1] - own[0][1] * own[0][1]
    guard determinant > 0, let first = weights((1, 0)), let second = weights((0, 1)) else {
      return nil
    }
    // The matrix whose first eigenvector is the direction.
    func product(_ a: Int, _ weights: [Double]) -> Double {
      zip(across[a], weights).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let p = [[product(0, first), product(0, second)], [product(1, first), product(1, second)]]
    let m = [
      [
        (own[1][1] * p[0][0] - own[0][1] * p[1][0]) / determinant,
        (own[1][1] * p[0][1] - own[0][1] * p[1][1]) / determinant,
      ],
      [
        (own[0][0] * p[1][0] - own[0][1] * p[0][0]) / determinant,
        (own[0][0] * p[1][1] - own[0][1] * p[0][1]) / determinant,
      ],
    ]
    let (half, difference) = ((m[0][0] + m[1][1]) / 2, (m[0][0] - m[1][1]) / 2)
    let value = half + max(difference * difference + m[0][1] * m[1][0], 0).squareRoot()
    var direction = (m[0][1], value - m[0][0])
    if abs(direction.0) + abs(direction.1) < 1e-12 { direction = (value - m[1][1], m[1][0]) }
    let length = hypot(direction.0, direction.1)
    guard length > 0, value > 0, let sum = weights(direction) else { return nil }
    // Bright where heights fall towards the sun; the sign of the pair is that of the sum of the weights.
    let sign = sum.reduce(0, +) < 0 ? 1.0 : -1.0
    (columns, rows) = (sign * direction.0 / length, sign * direction.1 / length)
    agreement = min(value.squareRoot(), 1)
  }

  /// The rises per column and per row, less their means.
  private static func gradients(_ heights: [Float], _ cells: Grid) -> [[Double]] {
    var result = [[Double]](repeating: [], count: 2)
    for row in 0..<cells.height {
      let (above, below) = (max(row - 1, 0), min(row + 1, cells.height - 1))
      for column in 0..<cells.width {
        let (left, right) = (max(column - 1, 0), min(column + 1, cells.width - 1))
        func rise(_ from: Int, _ to: Int, _ distance: Int) -> Double {
          Double(heights[to] - heights[from]) / Double(max(distance, 1))
        }
        let (line, place) = (row * cells.width, column)
        result[0].append(rise(line + left, line + right, right - left))
        result[1].append(
          rise(above * cells.width + place, below * cells.width + place, below - above))
      }
    }
    return result.map(centered)
  }

  /// The brightness less its broad differences.
  private static func local(_ values: [Float], _ cells: Grid) -> [Double] {
    let values = values.map(Double.init)
    let blurred = GaussianMean(deviation: broad).apply(values, on: cells)
    return centered(zip(values, blurred).map { $0 - $1 })
  }

  private static func centered(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
  }

  private static func covariances(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
    a.map { x in
      b.map { y in zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } / Double(x.count) }
    }
  }
}
