public import Fusion
public import Grids
public import Rasters

/// How heights are anchored to a reference: the part of a plan that makes them meters.
public struct AnchorPlan: Hashable, Sendable, Codable {
  /// The path of the reference.
  public internal(set) var reference: String
  /// The size of the reference in pixels.
  public let referenceGrid: Grid
  /// A digest of the cells that were surveyed, which identifies the reference: all of up to 192 × 192 cells, and nine
  /// parts of more.
  public let sha256: String
  /// The vertical datum of the reference.
  public let source: HeightSystem
  /// The vertical datum of the output, in meters.
  public let output: HeightSystem
  /// The cells.
  public let lattice: CellLattice
  /// The side of a cell in meters.
  public let cellSize: Double
  /// The distance between rows by that between columns on the ground.
  let aspect: Float
  /// The number of cells around one that are equal where water is level: more if heights are rounded to whole units, so
  /// that plains are not taken for lakes.
  let levelRadius: Int
  /// The bands that show slopes.
  public let bands: [BandLogarithm]
  /// What the image shows of the sun and of its place.
  public let survey: ImageSurvey
  /// The wavelength of the shortest features of the network's heights, in pixels: what is finer is not terrain.
  let networkWavelength: Double
  /// That wavelength in pixels of the network's input.
  package static let networkWavelength = 7.0

  /// Whether detail is added to the cells: not if they are pixels or too few, or the image does not lie where the
  /// reference does.
  public var hasDetail: Bool {
    lattice.factor > 1 && !survey.isShifted
      && min(lattice.cells.width, lattice.cells.height) >= OctaveTest.fewestCells
  }

  /// The number of surfaces of each band.
  var surfacesPerBand: Int { survey.light == nil ? 1 : 2 }

  /// The names of the sources of detail and the number of surfaces of each.
  public var sources: [(name: String, count: Int)] {
    hasDetail ? [("shading", bands.count * surfacesPerBand), ("network", 1)] : []
  }

  /// The number of surfaces of all sources.
  var surfaceCount: Int { sources.reduce(0) { $0 + $1.count } }

  /// The number of cells around others on which the detail of those depends.
  static let halo = 10
  /// The number of cells around others on which their enlargement depends: a coefficient of the spline falls by 3.7 from
  /// one cell to the next.
  static let splineHalo = 16
  /// The standard deviation of the Gaussian mean that surfaces do not have, in cells.
  package static let reach = 3.0

  /// The blocks of cells that are processed at once.
  var blocks: TileGrid {
    let side = max(8, 768 / lattice.factor)
    return TileGrid(
      width: lattice.cells.width, height: lattice.cells.height, tileWidth: side, tileHeight: side,
      overlap: 0)
  }

  /// The regions in which the strength of detail is estimated, on a lattice of blocks of the gains' size.
  var regions: TileGrid {
    let side = GainLattice.blockSide
    return TileGrid(
      width: (lattice.cells.width + side - 1) / side,
      height: (lattice.cells.height + side - 1) / side, tileWidth: 64, tileHeight: 64, overlap: 16)
  }

  /// The cells of a region.
  func cells(ofRegion region: TileIndex) -> Window {
    let (blocks, side) = (regions.window(of: region), GainLattice.blockSide)
    return Window(
      column: blocks.column * side, row: blocks.row * side, width: blocks.width * side,
      height: blocks.height * side
    ).intersection(lattice.cells.window)
  }

  /// The cells of a block.
  func cells(ofBlock block: TileIndex) -> Window {
    blocks.window(of: block).intersection(lattice.cells.window)
  }

  /// The memory of a block while it is processed, in bytes.
  var blockBytes: Int {
    let halo = hasDetail ? Self.halo : 0
    let sides = [lattice.cells.width, lattice.cells.height].map {
      min(blocks.tileWidth + 2 * halo, $0) * lattice.factor + 128
    }
    return sides[0] * sides[1] * (60 + 8 * bands.count)
  }

  /// Whether the numbers are possible.
  var isValid: Bool {
    lattice.isValid && !bands.isEmpty && bands.allSatisfy(\.isValid) && cellSize > 0
      && cellSize.isFinite && (1...8).contains(levelRadius) && aspect > 0 && aspect.isFinite
      && networkWavelength > 0 && networkWavelength.isFinite
  }
}
