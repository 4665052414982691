import HeapModule

/// The drainage network of a height field: every pixel's receiver, and an order from the outlets upstream.
///
/// Depressions are routed over their lowest rim, by Priority-Flood: R. Barnes, C. Lehman, D. Mulla, Computers &
/// Geosciences 62 (2014), doi:10.1016/j.cageo.2013.04.024, algorithm 1. Elsewhere, water flows in the steepest of
/// eight directions (J. F. O'Callaghan, D. M. Mark, 1984). The time is that of sorting the pixels.
public struct Drainage: Sendable {
  /// `[row, column]`: the index of the pixel that each drains to; outlets and voids drain to themselves.
  public private(set) var receivers: [Int32]
  /// The indices of all pixels with a height, each after its receiver.
  public private(set) var order: [Int32]
  /// `[row, column]`: the water level in meters after depressions are filled, at least the pixel's own height.
  public private(set) var levels: [Float]
  private let pixelArea: Float

  /// Computes the drainage of a field; outlets are at the edge and next to voids.
  ///
  /// `roughness` scales the slope in every direction of every pixel randomly, by up to its share, which keeps valleys
  /// on a smooth slope from following the grid directions.
  public init(of field: HeightField, roughness: (noise: PositionalNoise, share: Float)? = nil) {
    let (width, height, count) = (field.width, field.height, field.heights.count)
    precondition(count < Int(Int32.max), "drainage requires fewer than 2³¹ pixels")
    pixelArea = field.gsdInMeters * field.gsdInMeters
    receivers = (0..<Int32(count)).map { $0 }
    order = []
    order.reserveCapacity(count)
    levels = field.heights
    var seen = field.heights.map(\.isNaN)
    var front = LevelQueue()
    let offsets = Self.neighbors.map { $0.row * width + $0.column }

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
      for (k, neighbor) in Self.neighbors.enumerated() {
        guard (0..<height).contains(row + neighbor.row),
          (0..<width).contains(column + neighbor.column)
        else { continue }
        let other = index + offsets[k]
        if !seen[other] {
          seen[other] = true
          receivers[other] = Int32(index)
          levels[other] = max(levels[other], level)
          front.push(level: levels[other], other)
        } else if isDry, receivers[index] != Int32(index), levels[other] < level {
          var slope = (level - levels[other]) / neighbor.distance
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

  /// `[row, column]`: the catchment area of each pixel in square meters, its own area included.
  public var areas: [Float] {
    var areas = [Float](repeating: pixelArea, count: receivers.count)
    for index in order.reversed() {
      let receiver = receivers[Int(index)]
      if receiver != index { areas[Int(receiver)] += areas[Int(index)] }
    }
    return areas
  }

  /// The eight neighbors, with distances in pixels.
  static let neighbors: [(column: Int, row: Int, distance: Float)] = {
    let diagonal = Float(2).squareRoot()
    return [
      (-1, -1, diagonal), (0, -1, 1), (1, -1, diagonal), (-1, 0, 1),
      (1, 0, 1), (-1, 1, diagonal), (0, 1, 1), (1, 1, diagonal),
    ]
  }()
}

/// A queue of pixels that returns the lowest level first.
///
/// Pixels of equal level are returned in pseudorandom order, so that rivers meander across flats instead of following
/// the grid diagonals.
private struct LevelQueue {
  /// The level in the upper half, as bits in ascending order; the scrambled index in the lower half.
  private var keys = Heap<UInt64>()

  var indices: [Int] { keys.unordered.map(Self.index) }

  /// Scrambles 32 bits by multiplying by an odd number; multiplying by its inverse restores them.
  private static func scrambled(_ index: Int) -> UInt32 { UInt32(index) &* 0x9E37_79B1 }
  private static func index(_ key: UInt64) -> Int {
    Int(UInt32(truncatingIfNeeded: key) &* 0x0E8B_2F51)
  }

  mutating func push(level: Float, _ index: Int) {
    let bits = level.bitPattern
    let sortable = bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
    keys.insert(UInt64(sortable) << 32 | UInt64(Self.scrambled(index)))
  }

  mutating func pop() -> Int? { keys.popMin().map(Self.index) }
}
