public import Grids
import Glibc

/// The surfaces that the brightness of a band suggests if it shows slopes, in pixels and without scale.
///
/// The brightness of gentle slopes is a constant plus the slope towards the sun (A. P. Pentland, "Linear shape from
/// shading", International Journal of Computer Vision 4, 1990, doi:10.1007/BF00054918). The first surface is its
/// least-squares integral, in which slopes across the sun, which it does not show, are damped. The second is the same
/// integral in no direction: it stands for what brightens or darkens towards ridges, such as open sky, plants and
/// moisture.
public struct ShadingIntegrals: ~Copyable {
  /// The standard deviation of the smoothing, in pixels: what is finer in an image is not terrain.
  public static let smoothing: Float = 0.7
  /// The damping: the variance of brightness that is not shading, by that of the slope towards the sun, at any wavelength.
  static let damping: Float = 0.4
  /// The number of pixels that are mirrored beyond each edge.
  private static let margin = 64

  private let grid: Grid
  private let margin: (rows: Int, columns: Int)
  private let plane: FourierPlane
  /// What the waves are multiplied by, for each surface.
  private let factors: [[SIMD2<Float>]]

  /// Creates the integrals of images of a size that are lit from a direction.
  ///
  /// - Parameters:
  ///   - grid: The size of the images.
  ///   - sun: The direction; without one, there is only the second integral.
  ///   - aspect: The distance between rows by that between columns on the ground.
  ///   - reach: The standard deviation of a Gaussian mean, in pixels, that is subtracted from the surfaces, so that they
  ///     do not depend on what is several times as far away; nil for none.
  ///   - smoothing: The standard deviation of the smoothing, in pixels.
  public init(
    _ grid: Grid, sun: SunDirection?, aspect: Float = 1, reach: Float? = nil,
    smoothing: Float = Self.smoothing
  ) {
    self.grid = grid
    margin = (min(Self.margin, grid.height - 1), min(Self.margin, grid.width - 1))
    plane = FourierPlane(
      rows: grid.height + 2 * margin.rows, columns: grid.width + 2 * margin.columns)
    let radius = smoothing * smoothing / 2
    /// The part of a wave that is kept, by the square of its angular frequency.
    func kept(_ square: Float) -> Float {
      exp(-radius * square) * (reach.map { 1 - exp(-$0 * $0 / 2 * square) } ?? 1)
    }
    /// The square of a wave's angular frequency on the ground, in units of the mean distance of pixels.
    func square(_ down: Float, _ across: Float) -> Float {
      down * down / aspect + across * across * aspect
    }
    var factors: [[SIMD2<Float>]] = []
    if let sun {
      // Of length 1 on the ground.
      let (right, below) = (Float(sun.columns), Float(sun.rows))
      let length = (right * right / aspect + below * below * aspect).squareRoot()
      let (columns, rows) = (right / length, below / length)
      factors.append(
        plane.factors { down, across in
          let (square, rise) = (square(down, across), down * rows + across * columns)
          return SIMD2(0, rise / (rise * rise + Self.damping * square)) * kept(square)
        })
    }
    factors.append(
      plane.factors { down, across in
        let square = square(down, across)
        return SIMD2(kept(square) / square.squareRoot(), 0)
      })
    self.factors = factors
  }

  /// The number of surfaces of a band.
  public var count: Int { factors.count }

  /// Returns the surfaces, `[row, column]` each, of the logarithm of a band's brightness without missing values.
  ///
  /// O(pixels · log pixels).
  public func surfaces(of brightness: [Float]) -> [[Float]] {
    precondition(brightness.count == grid.pixelCount, "one value for each pixel")
    let spectrum = plane.spectrum(of: mirrored(brightness, plane.rows, plane.columns))
    return factors.map { cropped(plane.image(of: spectrum, times: $0), plane) }
  }

  /// The image less its mean, mirrored beyond its edges.
  private func mirrored(_ values: [Float], _ rows: Int, _ columns: Int) -> [Float] {
    let mean = Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
    let across = (0..<columns).map { Self.mirrored($0 - margin.columns, grid.width) }
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    for row in 0..<rows {
      let start = Self.mirrored(row - margin.rows, grid.height) * grid.width
      for column in across { result.append(values[start + column] - mean) }
    }
    return result
  }

  /// The place inside of a line of `count` that a place outside mirrors; the ends are not repeated.
  private static func mirrored(_ place: Int, _ count: Int) -> Int {
    guard count > 1 else { return 0 }
    let period = 2 * (count - 1)
    let inside = (place % period + period) % period
    return inside < count ? inside : period - inside
  }

  private func cropped(_ image: [Float], _ plane: borrowing FourierPlane) -> [Float] {
    image.cropped(
      to: Window(
        column: margin.columns, row: margin.rows, width: grid.width, height: grid.height),
      from: Window(column: 0, row: 0, width: plane.columns, height: plane.rows))
  }
}
