public import TileModels
import Foundation
public import Grids
public import Rasters
import Surfaces
public import Tensors

/// A plan for a run: everything that affects the pixels, fixed before the first tile is processed.
///
/// Two runs with the same plan produce the same pixels, and one can reuse the finished tiles of the other. The tiles
/// are anchored to the scene's origin and the radiometry is computed from the whole scene, so neither depends on the
/// requested area.
public struct ScenePlan: Hashable, Sendable, Codable {
  /// A lattice over the scene's area, and its tiles.
  public struct Level: Hashable, Sendable, Codable {
    /// The size of the lattice; it has no geotransform.
    public let lattice: Grid
    /// The tiles on the lattice.
    public let tiles: TileGrid
    /// The tiles that this run needs, row by row, without those known to have no valid pixels.
    public let wanted: [TileIndex]
    /// The pixel size in meters; nil if unknown.
    public internal(set) var gsd: Double?
  }

  /// The identity of the scene: its content, and where it was found.
  public struct Identity: Hashable, Sendable, Codable {
    /// The width of the scene in pixels.
    public let width: Int
    /// The height of the scene in pixels.
    public let height: Int
    /// The content of the scene.
    public let content: SceneContent
    /// The path with which the scene was opened.
    public internal(set) var path: String
    /// The subdataset with which the scene was opened, if any.
    public internal(set) var subdataset: String?
    /// The GDAL open options with which the scene was opened.
    public internal(set) var openOptions: [String: String]
    /// The state of the scene's files when it was opened.
    public internal(set) var inputs: InputFiles?

    init(_ scene: SceneSource, _ content: SceneContent) {
      path = scene.path
      subdataset = scene.subdataset
      openOptions = scene.openOptions
      inputs = scene.inputs
      width = scene.grid.width
      height = scene.grid.height
      self.content = content
    }
  }

  /// The scene.
  public internal(set) var scene: Identity
  /// The bands used as red, green and blue.
  public internal(set) var bands: BandSelection
  /// The validity rule as text: the nodata rule and the declared nodata values, if any.
  public internal(set) var validityRule: String
  /// The requested stretch.
  public internal(set) var stretch: Stretch
  /// The calibration of the sample values.
  public let radiometry: Radiometry
  /// The identity of the model bundle.
  public let bundle: String
  /// The version of relief and the processor level; the last bits of a tile differ between versions and levels.
  public let engine: String
  /// The direction in which the output values increase.
  public let quantity: SceneOptions.Quantity
  /// How heights are normalized.
  public let normalization: SceneOptions.Normalization
  /// The number of pixel sizes at which the coarse network processes each tile; nil: the tile's own pixel size only.
  public let ensemble: SceneOptions.Ensemble?
  /// The options of the refining half; nil if the coarse heights are the result.
  public let refinement: RefineOptions?
  /// The lattice on which tiles are averaged after each refining step; nil if each tile is refined separately.
  public let joint: LatentLattice?
  /// The part of the scene that is written, in the scene's pixels.
  public let area: Window
  /// The symmetry applied to the scene so that the sun azimuth lies in the network's range.
  ///
  /// All lattices and tiles are those of the turned scene. Heights are turned back when they are merged.
  public let turn: SquareSymmetry
  /// The sun azimuth; nil if unknown.
  ///
  /// It affects the pixels only through `turn`.
  public internal(set) var sun: SunAzimuth?
  /// The level on which tiles are processed; its wanted tiles are those whose coarse heights are needed.
  public internal(set) var working: Level
  /// The level with larger pixels that calibrates the tiles; nil if there is only one tile or no common calibration.
  public internal(set) var overview: Level?
  /// The number of the file's overview, from 0, from which the overview is read; nil: from the scene's own pixels.
  public let fileOverview: Int?
  /// The number of pixels of the area that may be valid, in units of 64 × 64 pixels.
  ///
  /// Parts known to be empty take no time and little space.
  public let pixelCount: Int
  /// How heights are anchored to a reference; nil for relative heights.
  public internal(set) var anchor: AnchorPlan?
  /// Warnings for the user, which the report also contains.
  public internal(set) var warnings: [String]

  /// The tiles from which the output is blended, row by row.
  public var outputTiles: [TileIndex] {
    let (rows, columns) = indicesUnderArea
    return working.wanted.filter { rows.contains($0.row) && columns.contains($0.column) }
  }

  /// The number of tiles under the area that are omitted because they are known to have no valid pixels.
  public var emptyTileCount: Int {
    let (rows, columns) = indicesUnderArea
    return rows.count * columns.count - outputTiles.count
  }

  private var indicesUnderArea: (rows: Range<Int>, columns: Range<Int>) {
    Self.indices(
      of: working.tiles, under: turn.target(of: area, in: sceneGrid), of: turnedGrid,
      lattice: working.lattice)
  }

  /// The size of the scene in pixels.
  var sceneGrid: Grid { Grid(width: scene.width, height: scene.height) }
  /// The size of the turned scene in pixels.
  var turnedGrid: Grid { turn.size(of: sceneGrid) }

  /// The stage that produces the output's tiles.
  public var outputStage: StageName { refinement == nil ? .coarse : .refined }
}
