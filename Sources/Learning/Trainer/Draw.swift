public import Tensors

extension SplitMix64 {
  /// A generator for one purpose of a training, such as the flips of one sample of one epoch.
  ///
  /// It follows from these numbers alone, not from what was drawn before: a training that goes on draws as if it had never
  /// stopped.
  init(seed: UInt64, _ purpose: DrawPurpose, _ places: Int...) {
    let state = places.reduce(Self.first(seed ^ purpose.rawValue)) {
      Self.first($0 ^ UInt64(bitPattern: Int64($1)))
    }
    self.init(seed: state)
  }

  /// A generator for a name: names that are alike have draws that are not (FNV-1a).
  public init(seed: UInt64, name: String) {
    let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
    }
    self.init(seed: Self.first(seed ^ hash))
  }

  /// A number below a small bound, as other languages draw it, too: the remainder of the next one.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  private static func first(_ seed: UInt64) -> UInt64 {
    var generator = SplitMix64(seed: seed)
    return generator.next()
  }
}

/// What is drawn.
enum DrawPurpose: UInt64 {
  /// The order of an epoch's samples.
  case order = 1
  /// How a sample is mirrored and moved.
  case view = 2
  /// What a network draws for a sample: a step, noise, what is left out.
  case sample = 3
  /// How a sample's colours are changed.
  case colours = 4
}
