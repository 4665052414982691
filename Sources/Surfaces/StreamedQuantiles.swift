/// Computes exact quantiles of data that does not fit in memory, in two passes.
///
/// The first pass builds a histogram of the upper 16 of each value's 32 bits; the second pass builds a histogram of
/// the lower 16 bits for values in the bins that contain a requested quantile. Memory is half a megabyte, plus half
/// a megabyte per quantile; time is O(1) per value.
package enum StreamedQuantiles {
  /// Returns, for each probability in 0…1, the value of zero-based rank ⌊share · (count − 1)⌋ in ascending order.
  ///
  /// For the median of an even count, this is the lower of the two middle values.
  ///
  /// - Parameters:
  ///   - shares: The cumulative probabilities of the quantiles.
  ///   - pass: Passes all values to its argument, in chunks and in any order; NaN is ignored. It is called twice
  ///     and must pass the same values both times.
  /// - Returns: The quantiles and the number of values; nil if there are no values.
  package static func find(
    _ shares: [Double], in pass: (_ take: ([Float]) -> Void) throws -> Void
  ) rethrows -> (values: [Float], count: Int)? {
    var upper = Counts()
    try pass { numbers in
      for number in numbers where !number.isNaN { upper.add(Int(key(of: number) >> 16)) }
    }
    guard upper.total > 0 else { return nil }
    let places = shares.map { share in
      upper.place(ofRank: Int(share * Double(upper.total - 1)))
    }
    var lower = Dictionary(places.map { ($0.bin, Counts()) }) { first, _ in first }
    try pass { numbers in
      for number in numbers where !number.isNaN {
        let key = key(of: number)
        lower[Int(key >> 16)]?.add(Int(key & 0xffff))
      }
    }
    let values = places.map { place in
      let low = lower[place.bin]!.place(ofRank: place.rank).bin
      return number(of: UInt32(place.bin) << 16 | UInt32(low))
    }
    return (values, upper.total)
  }

  /// A histogram of 16-bit keys.
  private struct Counts {
    private var counts = [Int](repeating: 0, count: 1 << 16)
    private(set) var total = 0

    mutating func add(_ bin: Int) {
      counts[bin] += 1
      total += 1
    }

    /// Returns the bin that contains the key of a rank, and the rank within that bin.
    func place(ofRank rank: Int) -> (bin: Int, rank: Int) {
      var rest = rank
      for (bin, count) in counts.enumerated() {
        if rest < count { return (bin, rest) }
        rest -= count
      }
      preconditionFailure(
        "rank \(rank) of \(total) not found: the second pass must pass the same values as the first"
      )
    }
  }

  /// Maps values to keys of the same order: the bits of negative values are inverted.
  private static func key(of number: Float) -> UInt32 {
    let bits = number.bitPattern
    return bits & signBit == 0 ? bits | signBit : ~bits
  }

  private static func number(of key: UInt32) -> Float {
    Float(bitPattern: key & signBit == 0 ? ~key : key & ~signBit)
  }

  private static let signBit: UInt32 = 0x8000_0000
}
