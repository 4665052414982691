import Grids
import Surfaces

/// The scales and offsets of tiles, solved from their fits.
enum TileScales {
  /// The number of numbers that are stored for a tile.
  static let numberCount = 4

  /// Solves for all tiles; those without heights, or not connected to the reference, have none.
  ///
  /// - Parameters:
  ///   - tiles: The tiles, row by row.
  ///   - fits: The fits of each.
  /// - Returns: The calibration of each.
  static func solved(_ tiles: [TileIndex], _ fits: [TileFits]) -> [TileAlignment.Calibration?] {
    let done = tiles.indices.filter { fits[$0].range != nil }
    let numbers = Dictionary(
      uniqueKeysWithValues: done.enumerated().map { (tiles[$1], $0) })
    let overlaps = done.enumerated().flatMap { number, index in
      let (tile, fits) = (tiles[index], fits[index])
      let neighbors = [
        (TileIndex(row: tile.row, column: tile.column - 1), fits.left),
        (TileIndex(row: tile.row - 1, column: tile.column), fits.above),
      ]
      return neighbors.compactMap { other, fit in
        fit.flatMap { fit in
          numbers[other].map { TileAlignment.Overlap(of: number, with: $0, fit) }
        }
      } + (fits.reference.map { [TileAlignment.Overlap(of: number, with: nil, $0)] } ?? [])
    }
    let alignment = TileAlignment(tiles: done.count, overlaps: overlaps)
    var found = [TileAlignment.Calibration?](repeating: nil, count: tiles.count)
    for (index, calibration) in zip(done, alignment.calibrations) { found[index] = calibration }
    return found
  }

  /// Maps each tile's own lowest and highest value to 0 and 1.
  static func minMax(_ fits: [TileFits]) -> [TileAlignment.Calibration?] {
    fits.map { fits in
      fits.range.map { lowest, highest in
        let scale = highest > lowest ? 1 / Double(highest - lowest) : 1
        return TileAlignment.Calibration(scale: scale, shift: -scale * Double(lowest))
      }
    }
  }

  /// The stored numbers of calibrations.
  static func numbers(_ calibrations: [TileAlignment.Calibration?]) -> [Double] {
    calibrations.flatMap { calibration in
      calibration.map { [1, $0.scale, $0.shift, $0.trust] } ?? [0, 0, 0, 0]
    }
  }

  /// The calibrations with the given stored numbers, by tile.
  static func calibrations(
    _ tiles: [TileIndex], numbers: [Double]
  ) -> [TileIndex: TileAlignment.Calibration] {
    var found: [TileIndex: TileAlignment.Calibration] = [:]
    for (place, tile) in tiles.enumerated() where numbers[place * numberCount] != 0 {
      let n = numbers[place * numberCount..<(place + 1) * numberCount]
      found[tile] = TileAlignment.Calibration(
        scale: n[n.startIndex + 1], shift: n[n.startIndex + 2], trust: n[n.startIndex + 3])
    }
    return found
  }
}
