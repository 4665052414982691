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

/// The smallest value at which half of the weight is reached, or nil without any weight.
func weightedMedian(_ pairs: [(value: Double, weight: Double)]) -> Double? {
  let sorted = pairs.sorted { $0.value < $1.value }
  let half = sorted.reduce(0) { $0 + $1.weight } / 2
  guard half > 0 else { return nil }
  var sum = 0.0
  for pair in sorted {
    sum += pair.weight
    if sum >= half { return pair.value }
  }
  return sorted.last?.value
}

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
