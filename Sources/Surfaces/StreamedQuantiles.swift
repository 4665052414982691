/// Quantiles of more numbers than memory holds, exact, in two passes over them.
///
/// The first pass counts all numbers by the upper 16 of their 32 bits, the second those that share these with a wanted
/// one by the lower 16. Half a megabyte is held, and as much for each quantile; the time is O(1) for each number.
package enum StreamedQuantiles {
  /// For each share of 0…1 the number of rank ⌊share · (count − 1)⌋ from below, from 0: the lower one of two in the middle.
  ///
  /// - Parameters:
  ///   - shares: which quantiles.
  ///   - pass: hands on all numbers, some at a time, in any order; NaN is left out. Called twice, it must hand on the
  ///     same ones.
  /// - Returns: the quantiles and how many numbers there are; nil where there is none.
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

  /// How many keys have each value of 16 bits.
  private struct Counts {
    private var counts = [Int](repeating: 0, count: 1 << 16)
    private(set) var total = 0

    mutating func add(_ bin: Int) {
      counts[bin] += 1
      total += 1
    }

    /// The bin that holds the key of a rank, and its rank among those.
    func place(ofRank rank: Int) -> (bin: Int, rank: Int) {
      var rest = rank
      for (bin, count) in counts.enumerated() {
        if rest < count { return (bin, rest) }
        rest -= count
      }
      preconditionFailure("rank \(rank) of \(total): the second pass brought other numbers")
    }
  }

  /// Keys are in the order of their numbers: the bits of negative ones count downward.
  private static func key(of number: Float) -> UInt32 {
    let bits = number.bitPattern
    return bits & signBit == 0 ? bits | signBit : ~bits
  }

  private static func number(of key: UInt32) -> Float {
    Float(bitPattern: key & signBit == 0 ? ~key : key & ~signBit)
  }

  private static let signBit: UInt32 = 0x8000_0000
}
