/// A hillshade of relative heights, computed row by row, with its mean subtracted.
///
/// Gradients are Horn's weighted differences over 3 × 3 pixels. The light comes from the upper left, 45° above the
/// horizon. Relative heights have no unit, so they are scaled by the data: the median of the nonzero slopes is
/// shaded as a slope of 15° between square pixels.
///
/// Source: Horn, "Hill shading and the reflectance map", Proceedings of the IEEE 69 (1981).
public struct Shading: Hashable, Sendable {
  /// The factor applied to heights, relative to the side of a pixel.
  public let scale: Float
  /// The mean shade, which is subtracted.
  private var level: Float = 0

  /// Estimates the scale and the mean shade from samples of three consecutive rows each; nil if all slopes are zero.
  public init?(samples: [[[Float]]]) {
    var gradients: [HornGradient<Float>] = []
    for sample in samples {
      precondition(sample.count == 3, "a sample has three rows, not \(sample.count)")
      for column in sample[1].indices {
        guard let gradient = Self.gradient(sample[0], sample[1], sample[2], at: column) else {
          continue
        }
        if !gradient.square.isNaN { gradients.append(gradient) }
      }
    }
    // Zero slopes are excluded: water is flat however steep its shores are.
    let slopes = gradients.map { $0.square.squareRoot() }.filter { $0 > 0 }
    guard !slopes.isEmpty else { return nil }
    scale = slopes.exaggeration(showingMedianAs: 15)
    level = Float(
      gradients.reduce(0.0) { $0 + Double(shade($1)) } / Double(gradients.count))
  }

  /// Returns the shade of row `here`, less the mean; 0 at the border and where a value is missing.
  func shade(_ above: [Float], _ here: [Float], _ below: [Float]) -> [Float] {
    here.indices.map { column in
      guard let gradient = Self.gradient(above, here, below, at: column) else { return 0 }
      let shade = shade(gradient)
      return shade.isNaN ? 0 : shade - level
    }
  }

  /// Returns the cosine of the angle between the light direction and the surface normal.
  private func shade(_ gradient: HornGradient<Float>) -> Float {
    (0.5 * scale * (gradient.right + gradient.down) + Float(0.5).squareRoot())
      / (1 + scale * scale * gradient.square).squareRoot()
  }
  /// The gradient at a pixel of row `here`; nil at the border.
  private static func gradient(
    _ above: [Float], _ here: [Float], _ below: [Float], at column: Int
  ) -> HornGradient<Float>? {
    guard column > 0, column + 1 < here.count else { return nil }
    let (left, right) = (column - 1, column + 1)
    return HornGradient(
      above[left], above[column], above[right], here[left], here[right], below[left],
      below[column], below[right])
  }
}
