package import Tensors

extension SplitMix64 {
  /// Creates a generator for one purpose of a training, such as the flips of one sample of one epoch.
  ///
  /// The state depends only on these numbers, not on earlier draws: a resumed training draws the same numbers as an
  /// uninterrupted one.
  package init(seed: UInt64, _ purpose: DrawPurpose, _ places: Int...) {
    let state = places.reduce(Self.first(seed ^ purpose.rawValue)) {
      Self.first($0 ^ UInt64(bitPattern: Int64($1)))
    }
    self.init(seed: state)
  }

  /// Returns an integer in `0..<bound`, for small bounds: the remainder of the next number, as in the Python version.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  private static func first(_ seed: UInt64) -> UInt64 {
    var generator = SplitMix64(seed: seed)
    return generator.next()
  }
}

/// What a random number is drawn for.
package enum DrawPurpose: UInt64 {
  /// The order of an epoch's samples.
  case order = 1
  /// The flip and shift of a sample.
  case view = 2
  /// The draws of a network for a sample: a step, noise, dropout.
  case sample = 3
  /// The color augmentation of a sample.
  case colors = 4
}
