extension Array where Element: BinaryFloatingPoint {
  /// Returns the median; for an even count, the lower of the two middle values.
  ///
  /// O(n) on average.
  ///
  /// - Precondition: The array is not empty and contains no NaN.
  package func median() -> Element {
    precondition(!isEmpty, "the median of an empty array is undefined")
    var values = self
    return values.select((count - 1) / 2)
  }

  /// Returns the value of the given zero-based rank in ascending order and partially sorts the array around it.
  ///
  /// Afterward, no value before `rank` is greater than the result and no value after it is less. O(n) on average
  /// (quickselect; C. A. R. Hoare, doi:10.1145/366622.366647).
  mutating func select(_ rank: Int) -> Element {
    var (low, high) = (0, count - 1)
    while low < high {
      let pivot = self[rank]
      var (i, j) = (low, high)
      while i <= j {
        while self[i] < pivot { i += 1 }
        while pivot < self[j] { j -= 1 }
        if i <= j {
          swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if j < rank { low = i }
      if rank < i { high = j }
    }
    return self[rank]
  }

  /// The median absolute deviation from the median, a spread estimate that no minority of outliers can change.
  var medianDeviation: Element {
    let center = median()
    return map { abs($0 - center) }.median()
  }
}
