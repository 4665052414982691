public import Grids

/// Gains of surfaces in blocks of cells, interpolated linearly between the middles of the blocks.
public struct GainLattice: Sendable {
  /// The number of cells along each side of a block.
  public static let blockSide = DetailGains.blockSide

  /// The gains of each surface, `[surface][row, column]` of blocks.
  private let gains: [[Float]]
  private let blocks: Window
  private let origin: (row: Int, column: Int)

  /// Creates a lattice.
  ///
  /// - Parameters:
  ///   - gains: The gain of each surface in each block, `[surface][row, column]`.
  ///   - blocks: The blocks, counted from any place.
  ///   - origin: The cell, counted from the same place, in which the pixels begin that the gains are applied to.
  public init(
    _ gains: [[Float]], over blocks: Window, origin: (row: Int, column: Int) = (0, 0)
  ) {
    precondition(gains.allSatisfy { $0.count == blocks.pixelCount }, "one gain for each block")
    (self.gains, self.blocks, self.origin) = (gains, blocks, origin)
  }

  /// Whether a surface has a gain other than 0 anywhere.
  func isUsed(_ surface: Int) -> Bool { gains[surface].contains { $0 != 0 } }

  /// Adds a surface's detail times its gain.
  ///
  /// - Parameters:
  ///   - detail: The detail of the surface, `[row, column]`.
  ///   - surface: The number of the surface.
  ///   - cell: The pixels along each side of a cell.
  ///   - width: The number of columns of pixels.
  ///   - sum: The sum, `[row, column]`.
  func add(_ detail: [Float], of surface: Int, cell: Int, width: Int, to sum: inout [Float]) {
    let gains = gains[surface]
    let across = (0..<width).map {
      Self.place($0 + (origin.column - Self.blockSide * blocks.column) * cell, cell, blocks.width)
    }
    for row in 0..<detail.count / width {
      let down = Self.place(
        row + (origin.row - Self.blockSide * blocks.row) * cell, cell, blocks.height)
      let (above, below) = (down.first * blocks.width, down.second * blocks.width)
      let line = (0..<blocks.width).map {
        gains[above + $0] + down.share * (gains[below + $0] - gains[above + $0])
      }
      for column in 0..<width {
        let (first, second, share) = across[column]
        let gain = line[first] + share * (line[second] - line[first])
        sum[row * width + column] += gain * detail[row * width + column]
      }
    }
  }

  /// The blocks around a pixel, and the share of the second.
  private static func place(_ pixel: Int, _ cell: Int, _ count: Int)
    -> (first: Int, second: Int, share: Float)
  {
    let side = Double(cell * blockSide)
    let place = min(max((Double(pixel) + 0.5) / side - 0.5, 0), Double(count - 1))
    let first = Int(place)
    return (first, min(first + 1, count - 1), Float(place - Double(first)))
  }
}
