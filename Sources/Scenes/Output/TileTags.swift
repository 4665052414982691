import Foundation
import Grids
import Tensors

/// The positions of an output's tiles, as tags of the output.
///
/// `RELIEF_TILES` contains the size and overlap of the tiles on the lattice of the network's input, `RELIEF_LATTICE`
/// the size of that lattice and the margin around it, and `RELIEF_AREA` the output's window in the scene and the size
/// of the scene. `RELIEF_TURN` contains the symmetry that was applied to the scene before tiling; without the tag,
/// there was none.
struct TileTags {
  let tiles: TileGrid
  let scene: Grid
  let area: Window
  let turn: SquareSymmetry

  var lines: TileLines {
    TileLines(
      tiles, on: turn.size(of: scene), over: turn.target(of: area, in: scene),
      reversesRows: turn.reversesRows, reversesColumns: turn.reversesColumns,
      swapsAxes: turn.swapsAxes)
  }

  var tags: [String: String] {
    // An axis that fits in one tile may have a smaller margin, which can be derived from that of the other axis.
    let margin = max(tiles.columnMargin, tiles.rowMargin)
    return [
      "RELIEF_TILES": "\(tiles.tileWidth)x\(tiles.tileHeight) overlap \(tiles.overlap)",
      "RELIEF_LATTICE": "\(tiles.width)x\(tiles.height) margin \(margin)",
      "RELIEF_AREA": "\(area) of \(scene.width)x\(scene.height)",
      "RELIEF_TURN": turn.description,
    ]
  }
}

extension TileTags {
  /// Parses the tags of an output; returns nil if they have no tiling.
  ///
  /// - Throws: `SceneError` if the tags are inconsistent, because another program has changed the output.
  init?(_ tags: [String: String], width: Int, height: Int, path: String) throws {
    guard let tileText = tags["RELIEF_TILES"], let latticeText = tags["RELIEF_LATTICE"],
      let areaText = tags["RELIEF_AREA"]
    else { return nil }
    let numbers = [tileText, latticeText, areaText].map { text in
      text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int32($0).map(Int.init) }
    }
    let turnText = tags["RELIEF_TURN"] ?? SquareSymmetry.identity.description
    guard numbers.map(\.count) == [3, 3, 6], Self.fits(numbers[0], numbers[1], numbers[2]),
      numbers[2][2] == width, numbers[2][3] == height,
      let turn = SquareSymmetry.all.first(where: { $0.description == turnText })
    else {
      throw SceneError(
        .badData,
        "the tags of \(path) are tiles \(tileText), lattice \(latticeText), area \(areaText), turn \(turnText): "
          + "not a tiling of its \(width) × \(height) pixels; use --tile and --overlap")
    }
    self.init(
      tiles: TileGrid(
        width: numbers[1][0], height: numbers[1][1], tileWidth: numbers[0][0],
        tileHeight: numbers[0][1], overlap: numbers[0][2], margin: numbers[1][2]),
      scene: Grid(width: numbers[2][4], height: numbers[2][5]),
      area: Window(
        column: numbers[2][0], row: numbers[2][1], width: numbers[2][2], height: numbers[2][3]),
      turn: turn)
  }

  /// Returns whether the numbers define a valid tile grid, and the area is inside the scene.
  private static func fits(_ tile: [Int], _ lattice: [Int], _ area: [Int]) -> Bool {
    min(tile[0], tile[1], lattice[0], lattice[1], area[4], area[5]) > 0
      && 2 * tile[2] <= min(tile[0], tile[1]) && 2 * lattice[2] <= min(tile[0], tile[1])
      && area[0] + area[2] <= area[4] && area[1] + area[3] <= area[5]
      && max(lattice[0] / (tile[0] - tile[2]), lattice[1] / (tile[1] - tile[2])) < maximumTiles
  }

  /// The maximum number of tiles in a row or column; a raster with more would have millions of pixels along that side.
  private static let maximumTiles = 1 << 18
}
