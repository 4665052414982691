/// Where water runs on a height field: every pixel's receiver, in an order from the outlets upward.
///
/// Depressions are crossed at their lowest rim, by Priority-Flood: R. Barnes, C. Lehman, D. Mulla, Computers &
/// Geosciences 62 (2014), doi:10.1016/j.cageo.2013.04.024, algorithm 1. Elsewhere water takes the steepest of
/// eight directions (J. F. O'Callaghan, D. M. Mark, 1984). Time is that of sorting the pixels.
public struct Drainage: Sendable {
  /// `[row, column]`: the index of the pixel that each drains to; outlets and pixels without height: themselves.
  public private(set) var receivers: [Int32]
  /// Indices of all pixels with a height, each after its receiver.
  public private(set) var order: [Int32]
  /// `[row, column]`: metres; the height at which water would stand, at least the pixel's own.
  public private(set) var levels: [Float]
  private let pixelArea: Float

  /// Water leaves at the edge and beside pixels without height.
  ///
  /// `roughness` makes every direction of every pixel steeper or gentler by chance, by up to its share, which
  /// keeps valleys on a smooth slope from following the lattice.
  public init(of field: HeightField, roughness: (noise: PositionalNoise, share: Float)? = nil) {
    let (width, height, count) = (field.width, field.height, field.heights.count)
    precondition(count < Int(Int32.max), "a drained field has fewer than 2³¹ pixels")
    pixelArea = field.gsdInMeters * field.gsdInMeters
    receivers = (0..<Int32(count)).map { $0 }
    order = []
    order.reserveCapacity(count)
    levels = field.heights
    var seen = field.heights.map(\.isNaN)
    var front = LevelQueue()
    let offsets = Self.neighbours.map { $0.row * width + $0.column }

    for row in 0..<height {
      for column in 0..<width where !seen[row * width + column] {
        let isOutlet =
          row == 0 || column == 0 || row == height - 1 || column == width - 1
          || offsets.contains { field.heights[row * width + column + $0].isNaN }
        if isOutlet { front.push(level: field.heights[row * width + column], row * width + column) }
      }
    }
    for index in front.indices { seen[index] = true }

    while let index = front.pop() {
      order.append(Int32(index))
      let level = levels[index]
      let isDry = level == field.heights[index]
      let (row, column) = index.quotientAndRemainder(dividingBy: width)
      var steepest: Float = 0
      for (k, neighbour) in Self.neighbours.enumerated() {
        guard (0..<height).contains(row + neighbour.row),
          (0..<width).contains(column + neighbour.column)
        else { continue }
        let other = index + offsets[k]
        if !seen[other] {
          seen[other] = true
          receivers[other] = Int32(index)
          levels[other] = max(levels[other], level)
          front.push(level: levels[other], other)
        } else if isDry, receivers[index] != Int32(index), levels[other] < level {
          var slope = (level - levels[other]) / neighbour.distance
          if let roughness {
            let chance = roughness.noise.uniform(index * 8 + k, 0)
            slope *= 1 + roughness.share * (2 * chance - 1)
          }
          if slope > steepest {
            steepest = slope
            receivers[index] = Int32(other)
          }
        }
      }
    }
  }

  /// `[row, column]`: square metres that drain through each pixel, its own included.
  public var areas: [Float] {
    var areas = [Float](repeating: pixelArea, count: receivers.count)
    for index in order.reversed() {
      let receiver = receivers[Int(index)]
      if receiver != index { areas[Int(receiver)] += areas[Int(index)] }
    }
    return areas
  }

  /// The eight neighbours, distances in pixels.
  static let neighbours: [(column: Int, row: Int, distance: Float)] = {
    let diagonal = Float(2).squareRoot()
    return [
      (-1, -1, diagonal), (0, -1, 1), (1, -1, diagonal), (-1, 0, 1),
      (1, 0, 1), (-1, 1, diagonal), (0, 1, 1), (1, 1, diagonal),
    ]
  }()
}

/// A binary heap of pixels, lowest level first.
///
/// Pixels of one level come in an order like chance's, so that rivers wind across flats as a front grows, ragged,
/// rather than run along the lattice's diagonals.
private struct LevelQueue {
  /// Level in the upper half, in bits that sort like the numbers; scrambled index in the lower.
  private var keys: [UInt64] = []

  var indices: [Int] { keys.map(Self.index) }

  /// Multiplying by an odd number scrambles 32 bits, multiplying by its inverse restores them.
  private static func scrambled(_ index: Int) -> UInt32 { UInt32(index) &* 0x9E37_79B1 }
  private static func index(_ key: UInt64) -> Int {
    Int(UInt32(truncatingIfNeeded: key) &* 0x0E8B_2F51)
  }

  mutating func push(level: Float, _ index: Int) {
    let bits = level.bitPattern
    let sortable = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    let key = UInt64(sortable) << 32 | UInt64(Self.scrambled(index))
    var hole = keys.count
    keys.append(key)
    while hole > 0, keys[(hole - 1) / 2] > key {
      keys[hole] = keys[(hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    keys[hole] = key
  }

  mutating func pop() -> Int? {
    guard let lowest = keys.first, let key = keys.popLast() else { return nil }
    guard !keys.isEmpty else { return Self.index(lowest) }
    var hole = 0
    while true {
      var child = 2 * hole + 1
      guard child < keys.count else { break }
      if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
      guard keys[child] < key else { break }
      keys[hole] = keys[child]
      hole = child
    }
    keys[hole] = key
    return Self.index(lowest)
  }
}
