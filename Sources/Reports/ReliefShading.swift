import Surfaces

/// A hillshade for reports, lit from the upper left and exaggerated so that all surfaces look equally steep.
package struct ReliefShading {
  /// The exaggeration divided by the pixel size, along each axis.
  private let scale: (x: Double, y: Double)

  /// Chooses an exaggeration that shades the median slope of a surface as 20°.
  ///
  /// - Parameters:
  ///   - surface: `[row, column]`, NaN where there is no height.
  ///   - width: The number of columns.
  ///   - pixel: The width and height of a pixel; nil assumes square pixels.
  package init(of surface: [Float], width: Int, pixel: (Double, Double)?) {
    let (x, y) = pixel ?? (1, 1)
    let slopes = Self.gradients(surface, width).map {
      (($0.across / x) * ($0.across / x) + ($0.down / y) * ($0.down / y)).squareRoot()
    }.filter { $0 > 0 }
    let exaggeration = slopes.isEmpty ? 1 : slopes.exaggeration(showingMedianAs: 20)
    scale = (exaggeration / x, exaggeration / y)
  }

  /// Returns the brightness of each pixel, 0…1; NaN where it or a neighbor has no height.
  package func shade(_ surface: [Float], width: Int) -> [Float] {
    Self.gradients(surface, width).map { gradient in
      let (p, q) = (gradient.across * scale.x, gradient.down * scale.y)
      // The light comes from the upper left, 45° above the horizon.
      let light = (0.5 * p + 0.5 * q + 0.5.squareRoot()) / (1 + p * p + q * q).squareRoot()
      return light.isNaN ? .nan : Float(max(0, light))
    }
  }

  /// Returns the difference per pixel along both axes: central differences, one-sided at the border.
  private static func gradients(
    _ z: [Float], _ width: Int
  ) -> [(across: Double, down: Double)] {
    let height = z.count / width
    return z.indices.map { i in
      let (row, column) = i.quotientAndRemainder(dividingBy: width)
      let (left, right) = (max(column - 1, 0), min(column + 1, width - 1))
      let (top, bottom) = (max(row - 1, 0), min(row + 1, height - 1))
      let across = Double(z[row * width + right] - z[row * width + left])
      let down = Double(z[bottom * width + column] - z[top * width + column])
      guard !z[i].isNaN else { return (.nan, .nan) }
      return (
        across / Double(max(right - left, 1)), down / Double(max(bottom - top, 1))
      )
    }
  }
}
