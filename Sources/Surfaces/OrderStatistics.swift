import Glibc

extension Array where Element: BinaryFloatingPoint {
  /// The value in the middle, the lower one of two, in O(n log n).
  ///
  /// - Precondition: the array is not empty and holds no NaN.
  func median() -> Element {
    precondition(!isEmpty, "nothing has no median")
    return sorted()[(count - 1) / 2]
  }
}

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
