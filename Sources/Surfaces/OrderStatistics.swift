extension Array where Element: BinaryFloatingPoint {
  /// Returns the median; for an even count, the lower of the two middle values.
  ///
  /// O(n) on average.
  ///
  /// - Precondition: The array is not empty and contains no NaN.
  @inlinable package func median() -> Element { orderStatistics([(count - 1) / 2])[0] }

  /// Returns the values of zero-based ranks in ascending order.
  ///
  /// O(n) on average for each rank.
  ///
  /// - Precondition: The array contains no NaN, and the ranks are below its count.
  @inlinable package func orderStatistics(_ ranks: [Int]) -> [Element] {
    precondition(!isEmpty, "an empty array has no order statistics")
    var values = self
    return ranks.map { values.select($0) }
  }

  /// Returns the quantile of a share, 0…1, interpolated linearly between order statistics, as numpy does by default.
  ///
  /// O(n) on average. Source: type 7 in R. J. Hyndman and Y. Fan, Am. Stat. 50, 1996, doi:10.2307/2684934.
  ///
  /// - Precondition: The array is not empty and contains no NaN.
  @inlinable package func quantile(_ share: Double) -> Element {
    let position = share * Double(count - 1)
    let lower = Int(position)
    let values = orderStatistics([lower, Swift.min(lower + 1, count - 1)])
    let fraction = position - Double(lower)
    return Element(Double(values[0]) * (1 - fraction) + Double(values[1]) * fraction)
  }

  /// Returns the value of the given zero-based rank in ascending order and partially sorts the array around it.
  ///
  /// Afterward, no value before `rank` is greater than the result and no value after it is less. O(n) on average
  /// (quickselect; C. A. R. Hoare, doi:10.1145/366622.366647).
  @inlinable package mutating func select(_ rank: Int) -> Element {
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
