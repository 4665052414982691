public import DepthModels
import Foundation
public import Grids
public import Rasters
import Surfaces
public import Tensors

/// What will be done: everything that decides about pixels, fixed before the first tile.
///
/// Two runs with the same plan give the same pixels; finished tiles of one serve the other. Tiles are
/// anchored to the scene's origin and the radiometry is the whole scene's, so that neither depends on the
/// area asked for.
public struct ScenePlan: Hashable, Sendable, Codable {
  /// A lattice over the scene's ground, and the tiles on it.
  public struct Level: Hashable, Sendable, Codable {
    /// Without a geotransform: size alone decides.
    public let lattice: Grid
    public let tiles: TileGrid
    /// The tiles that this run needs, row by row: none that is known to have no valid pixel.
    public let wanted: [TileIndex]
    /// Metres between pixels; nil where unknown.
    public internal(set) var gsd: Double?
  }

  /// The scene: what it shows, and where that was found.
  public struct Identity: Hashable, Sendable, Codable {
    public let width: Int
    public let height: Int
    public let content: SceneContent
    public internal(set) var path: String
    public internal(set) var subdataset: String?
    public internal(set) var openOptions: [String: String]
    /// How its files were when it was opened.
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

  public internal(set) var scene: Identity
  public internal(set) var bands: BandSelection
  public internal(set) var validityRule: String
  public internal(set) var stretch: Stretch
  public let radiometry: Radiometry
  public let bundle: String
  /// Version and processor level: tiles of different versions and levels differ in their last bits.
  public let engine: String
  public let quantity: SceneOptions.Quantity
  public let normalization: SceneOptions.Normalization
  /// At how many pixel sizes the coarse network sees each tile; nil: as it lies alone.
  public let ensemble: SceneOptions.Ensemble?
  /// How coarse heights are refined; nil where they are the result.
  public let refinement: RefineOptions?
  /// Where tiles agree after each step of refining; nil where each is refined by itself.
  public let joint: LatentLattice?
  /// The part of the scene that is written, in the scene's pixels.
  public let area: Window
  /// What the scene is turned by, so that the sun stands where the network expects it.
  ///
  /// All lattices and tiles are those of the turned scene; heights are turned back when they are merged.
  public let turn: Turn
  /// Where the sun stood; nil where nothing tells.
  ///
  /// Only the turn that follows from it decides about pixels.
  public internal(set) var sun: SunAzimuth?
  /// Where tiles are seen; wanted are those whose coarse heights matter.
  public internal(set) var working: Level
  /// Where more is seen at once, to hold tiles to one ruler; nil where one tile is all there is.
  public internal(set) var overview: Level?
  /// Pixels of the area that may be valid, to 64 × 64 pixels: what is known to be empty takes no time and little room.
  public let pixelCount: Int
  /// What the user should know; also in the report.
  public internal(set) var warnings: [String]

  /// Measures the scene and decides.
  ///
  /// - Parameters:
  ///   - scene: What is seen.
  ///   - model: The network.
  ///   - options: What the user wants.
  ///   - progress: Called with the share of the scene that has been measured, 0…1.
  /// - Throws: `SceneError` if the scene, the area or the options do not fit together.
  public init(
    _ scene: SceneSource, model: any TileModel, options: SceneOptions,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws {
    guard model.card.bandOrder == ["red", "green", "blue"] else {
      throw SceneError(
        .badData,
        "\(model.card.name) takes bands in the order \(model.card.bandOrder), expected red, green, blue"
      )
    }
    var warnings: [String] = []
    let information = scene.information
    let stretch =
      options.stretch
      ?? .percentile(model.card.stretch.lowerPercentile, model.card.stretch.upperPercentile)

    if let problem = information.groundProblem {
      guard options.forcesGSD else {
        throw SceneError(
          .badData,
          "\(problem)\ngive it the right CRS (gdal_edit.py -a_srs EPSG:…), or take it as it is with --force-gsd"
        )
      }
      warnings.append("forced: \(problem.prefix { $0 != "\n" })")
    }
    let native = information.groundSampleDistance?.mean
    let decision = try options.gsd.decide(
      native: native, range: model.card.gsdInMeters, isForced: options.forcesGSD)
    warnings += decision.warnings
    if information.georeferencing.kind == .none {
      warnings.append("the scene has no georeferencing, so the output has none")
    } else if information.georeferencing.kind != .map {
      warnings.append("the output is in sensor geometry, as the scene is: no map projection")
    }
    if let gsd = information.groundSampleDistance, max(gsd.x / gsd.y, gsd.y / gsd.x) > 1.2 {
      warnings.append(
        String(format: "pixels are not square on the ground: %.2f × %.2f m", gsd.x, gsd.y))
    }
    if scene.bands.reason == .onlyOne {
      warnings.append("the scene's only band is repeated as red, green and blue")
    }

    let (area, cut) = try Self.area(options.area, of: scene)
    if let cut { warnings.append(cut) }
    self.area = area
    sun = try options.sun ?? information.sun
    turn = information.turn(of: sun, into: model.card.sunAzimuth)
    let seen = turn.size(of: scene.grid)
    let seenArea = turn.target(of: area, in: scene.grid)
    let lattice = try Self.lattice(seen, scale: decision.scale)
    let tiles = try Self.tiles(
      on: lattice, model: model, options: options, isShifted: options.shiftsTiles)
    normalization = options.normalization
    ensemble = options.ensemble
    refinement = try Self.refinement(model, options)
    joint = try Self.joint(of: tiles, model: model, refinement, options)
    let measurement = try await scene.measure(
      stretch, bands: options.stretchBands ?? (model.card.stretch.bands == .joint ? .joint : .each),
      progress: progress)
    try await scene.requireUnchanged()
    let occupied = { [turn] (tile: TileIndex) in
      Self.mayHavePixels(
        tile, of: tiles, on: lattice, scene.grid, turned: turn, measurement.validCells)
    }
    pixelCount = measurement.validCells.pixelCount(in: area)
    var wanted = Self.tiles(of: tiles, under: seenArea, of: seen, lattice: lattice).filter(occupied)
    if refinement != nil, normalization == .scene {
      // Each is refined on the surface that it makes together with its neighbours.
      let seen = wanted.map { tiles.window(of: $0).intersection(tiles.scene) }
      wanted = Set(seen.flatMap { tiles.tiles(overlapping: $0) }).sorted()
        .filter(occupied)
    }
    working = Level(
      lattice: lattice, tiles: tiles, wanted: wanted, gsd: native.map { $0 * decision.scale })
    let above =
      normalization == .scene
      ? try Self.overview(
        of: working, scene.grid, turned: turn, measurement.validCells, model: model,
        options: options) : nil
    overview = above?.level
    if let above, above.level.wanted.count < above.occupied {
      warnings.append(
        "the ruler is that of the area and what is around it: the whole scene's would take "
          + "\(above.occupied) tiles of overview")
    }

    self.scene = Identity(scene, measurement.content)
    bands = scene.bands
    validityRule =
      scene.validity.noData.rawValue
      + (scene.validity.declared.map { " " + $0.map { "\($0)" }.joined(separator: ",") } ?? "")
    self.stretch = stretch
    bundle = model.identity
    engine = "relief \(SceneRun.version), \(CPU.kernelLevel)"
    quantity = options.quantity
    radiometry = measurement.radiometry
    if radiometry.clippedShare > 0.5 {
      warnings.append(
        String(
          format:
            "%.0f %% of the samples lie outside the stretch; percentiles are percentile:LOW,HIGH",
          radiometry.clippedShare * 100))
    }
    warnings += [measurement.undeclaredNoData, measurement.damage].compactMap { $0 }
    self.warnings = warnings + [Self.warning(of: sun)].compactMap { $0 }
  }

  /// The tiles that the output is blended from, row by row.
  public var outputTiles: [TileIndex] {
    let (rows, columns) = indicesUnderArea
    return working.wanted.filter { rows.contains($0.row) && columns.contains($0.column) }
  }

  /// How many more there would be if none were known to have no valid pixel.
  public var emptyTileCount: Int {
    let (rows, columns) = indicesUnderArea
    return rows.count * columns.count - outputTiles.count
  }

  private var indicesUnderArea: (rows: Range<Int>, columns: Range<Int>) {
    Self.indices(
      of: working.tiles, under: turn.target(of: area, in: sceneGrid), of: turnedGrid,
      lattice: working.lattice)
  }

  /// The scene's pixels as they are, and turned.
  var sceneGrid: Grid { Grid(width: scene.width, height: scene.height) }
  var turnedGrid: Grid { turn.size(of: sceneGrid) }

  /// The stage whose tiles those are.
  public var outputStage: Stage { refinement == nil ? .coarse : .refined }

  /// What the user should know of the light.
  private static func warning(of sun: SunAzimuth?) -> String? {
    guard let sun else {
      return
        "nothing says where the sun stood, so the scene is seen as it is: where ridges and valleys look exchanged, "
        + "give --sun-azimuth DEG, clockwise from the top of the image"
    }
    return sun.warning
  }
}
