extension Array where Element: BinaryFloatingPoint {
  /// The value in the middle, the lower one of two.
  ///
  /// O(n) on average.
  ///
  /// - Precondition: the array is not empty and holds no NaN.
  package func median() -> Element {
    precondition(!isEmpty, "nothing has no median")
    var values = self
    return values.select((count - 1) / 2)
  }

  /// The value of a rank from below, from 0; it is brought to its place, with nothing greater before and nothing less
  /// after it.
  ///
  /// O(n) on average, by Hoare's selection (doi:10.1145/366622.366647).
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

  /// The median distance from the median: a spread that no minority can move.
  var medianDeviation: Element {
    let centre = median()
    return map { abs($0 - centre) }.median()
  }
}
