import Foundation

/// The gradient of a surface at one pixel, from weighted differences of its eight neighbors; NaN if one is NaN.
///
/// Source: B. K. P. Horn, "Hill shading and the reflectance map", Proceedings of the IEEE 69 (1981),
/// doi:10.1109/PROC.1981.11918, as in `gdaldem`.
package struct HornGradient<Number: BinaryFloatingPoint & Sendable>: Sendable {
  /// The rise per pixel to the right.
  package let right: Number
  /// The rise per pixel downward.
  package let down: Number

  /// The square of the slope.
  @inlinable package var square: Number { right * right + down * down }

  /// Computes the gradient from the neighbors, row by row from the upper left.
  @inlinable package init(
    _ nw: Number, _ n: Number, _ ne: Number, _ w: Number, _ e: Number, _ sw: Number, _ s: Number,
    _ se: Number
  ) {
    right = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / 8
    down = ((sw + 2 * s + se) - (nw + 2 * n + ne)) / 8
  }
}

extension Array where Element: BinaryFloatingPoint {
  /// Returns the vertical exaggeration with which the median of these slopes looks as steep as an angle.
  ///
  /// Relative heights have no unit, so only the data can tell how steep they are to look. Zero slopes should be left
  /// out: water is flat however steep its shores are.
  ///
  /// - Parameter degrees: The angle.
  /// - Returns: The factor of the heights.
  /// - Precondition: There is a slope, and none is NaN.
  package func exaggeration(showingMedianAs degrees: Double) -> Element {
    Element(tan(degrees * .pi / 180)) / median()
  }
}
