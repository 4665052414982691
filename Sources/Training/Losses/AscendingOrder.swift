/// Returns the indices of values in ascending order; equal values keep their order.
///
/// A radix sort with three digits of 11 bits: O(n), several times faster than a comparison sort.
///
/// - Parameter values: The values, none of them NaN.
/// - Returns: A permutation of the indices.
func ascendingOrder(_ values: [Float]) -> [Int32] {
  let (digit, digits) = (11, 3)
  let radix = 1 << digit
  var items = values.indices.map { UInt64(sortKey(values[$0])) << 32 | UInt64($0) }
  var counts = [Int](repeating: 0, count: digits * radix)
  for item in items {
    for pass in 0..<digits {
      counts[pass * radix + Int(item >> UInt64(32 + pass * digit)) & (radix - 1)] += 1
    }
  }
  var sorted = items
  for pass in 0..<digits {
    var starts = [Int](repeating: 0, count: radix)
    for value in 1..<radix { starts[value] = starts[value - 1] + counts[pass * radix + value - 1] }
    for item in items {
      let value = Int(item >> UInt64(32 + pass * digit)) & (radix - 1)
      sorted[starts[value]] = item
      starts[value] += 1
    }
    swap(&items, &sorted)
  }
  return items.map { Int32(truncatingIfNeeded: $0) }
}

/// Returns an integer that orders like the value; 0 and −0 are equal.
private func sortKey(_ value: Float) -> UInt32 {
  let bits = (value + 0).bitPattern
  return bits >> 31 == 1 ? ~bits : bits | 1 << 31
}
