extension Array where Element: BinaryFloatingPoint {
  /// The value in the middle, the lower one of two.
  ///
  /// O(n) on average, by Hoare's selection (doi:10.1145/366622.366647).
  ///
  /// - Precondition: the array is not empty and holds no NaN.
  func median() -> Element {
    precondition(!isEmpty, "nothing has no median")
    var values = self
    let middle = (count - 1) / 2
    var (low, high) = (0, count - 1)
    while low < high {
      let pivot = values[middle]
      var (i, j) = (low, high)
      while i <= j {
        while values[i] < pivot { i += 1 }
        while pivot < values[j] { j -= 1 }
        if i <= j {
          values.swapAt(i, j)
          i += 1
          j -= 1
        }
      }
      if j < middle { low = i }
      if middle < i { high = j }
    }
    return values[middle]
  }

  /// The median distance from the median: a spread that no minority can move.
  var medianDeviation: Element {
    let centre = median()
    return map { abs($0 - centre) }.median()
  }
}
