public import DepthModels
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
  /// The number of pixels of the area that may be valid, in units of 64 × 64 pixels.
  ///
  /// Parts known to be empty take no time and little space.
  public let pixelCount: Int
  /// Warnings for the user, which the report also contains.
  public internal(set) var warnings: [String]

  /// Measures the scene and makes the plan.
  ///
  /// - Parameters:
  ///   - scene: The scene to process.
  ///   - model: The network.
  ///   - options: The user's options.
  ///   - progress: Called with the share of the scene that has been measured, 0…1.
  /// - Throws: `SceneError` if the scene, the area, the model and the options are not compatible.
  public init(
    _ scene: SceneSource, model: any TileModel, options: SceneOptions,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws {
    guard model.card.bandOrder == ["red", "green", "blue"] else {
      throw SceneError(
        .badData,
        "\(model.card.name) has the band order \(model.card.bandOrder), expected red, green, blue"
      )
    }
    var warnings: [String] = []
    let information = scene.information
    let stretch =
      options.stretch
      ?? .percentile(model.card.stretch.lowerPercentile, model.card.stretch.upperPercentile)

    if let problem = information.pixelSizeProblem {
      guard options.forcesGSD else {
        throw SceneError(
          .badData,
          "\(problem)\nassign the right CRS (gdal_edit.py -a_srs EPSG:…), or use the scene as it is with --force-gsd"
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
      warnings.append("the output has no map projection: like the scene, it is in sensor geometry")
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
      // Each tile is refined on the surface blended from it and its neighbors.
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
        "the calibration uses only the area and its surroundings: for the whole scene it would need "
          + "\(above.occupied) overview tiles")
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
            "%.0f %% of the samples are outside the stretch; the syntax for percentiles is percentile:LOW,HIGH",
          radiometry.clippedShare * 100))
    }
    warnings += [measurement.undeclaredNoData, measurement.damage].compactMap { $0 }
    self.warnings = warnings + [Self.warning(of: sun)].compactMap { $0 }
  }

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
  public var outputStage: Stage { refinement == nil ? .coarse : .refined }

  /// Returns a warning if the sun azimuth is unknown or uncertain.
  private static func warning(of sun: SunAzimuth?) -> String? {
    guard let sun else {
      return
        "the sun azimuth is unknown, so the scene is processed as it is: if ridges and valleys look inverted, "
        + "set it with --sun-azimuth DEG, clockwise from the top of the image"
    }
    return sun.warning
  }
}
