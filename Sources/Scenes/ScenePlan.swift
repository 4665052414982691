public import DepthModels
import Files
import Foundation
public import Grids
import Rasters
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
    /// The tiles that this run needs, row by row.
    public let wanted: [TileIndex]
    /// Metres between pixels; nil where unknown.
    public let gsd: Double?
  }

  /// The scene as found: a file that has changed since is another scene.
  public struct Identity: Hashable, Sendable, Codable {
    public let path: String
    public let subdataset: String?
    public let openOptions: [String: String]
    public let files: [String: String]
    public let width: Int
    public let height: Int

    /// As it is now.
    init(_ scene: SceneSource) {
      path = scene.path
      subdataset = scene.subdataset
      openOptions = scene.openOptions
      files = ScenePlan.fingerprints(scene.information.files)
      width = scene.grid.width
      height = scene.grid.height
    }
  }

  public let scene: Identity
  public let bands: BandSelection
  public let validityRule: String
  public let stretch: Stretch
  public let radiometry: Radiometry
  public let bundle: String
  /// Version, BLAS core and processor level: tiles of different versions and levels differ in their last bits.
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
  /// Only the turn that follows from it decides about pixels, so it is not
  /// stored with the plan.
  public private(set) var sun: SunAzimuth?
  /// Where tiles are seen; wanted are those whose coarse heights matter.
  public let working: Level
  /// Where more is seen at once, to hold tiles to one ruler; nil where one tile is all there is.
  public let overview: Level?
  /// What the user should know, but for the sun.
  private let notes: [String]
  /// What the user should know; also in the report.
  public var warnings: [String] {
    guard let sun else {
      return notes + [
        "nothing says where the sun stood, so the scene is seen as it is: where ridges and valleys look exchanged, "
          + "give --sun-azimuth DEG, clockwise from the top of the image"
      ]
    }
    return notes + (sun.warning.map { [$0] } ?? [])
  }

  /// Measures the scene and decides.
  ///
  /// - Throws: `SceneError` if the scene, the area or the options do not fit together.
  public init(_ scene: SceneSource, model: any TileModel, options: SceneOptions) async throws {
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
    var wanted = Self.tiles(of: tiles, under: seenArea, of: seen, lattice: lattice)
    if refinement != nil, normalization == .scene {
      // Each is refined on the surface that it makes together with its neighbours.
      let seen = wanted.map { tiles.window(of: $0).intersection(tiles.scene) }
      wanted = Set(seen.flatMap { tiles.tiles(overlapping: $0) }).sorted()
    }
    working = Level(
      lattice: lattice, tiles: tiles, wanted: wanted, gsd: native.map { $0 * decision.scale })
    overview =
      normalization == .scene
      ? try Self.overview(of: working, model: model, options: options) : nil
    if let overview, overview.wanted.count < overview.tiles.count {
      warnings.append(
        "the ruler is that of the area and what is around it: the whole scene's would take "
          + "\(overview.tiles.count) tiles of overview")
    }

    self.scene = Identity(scene)
    bands = scene.bands
    validityRule =
      scene.validity.noData.rawValue
      + (scene.validity.declared.map { " \($0)" } ?? "")
    self.stretch = stretch
    bundle = model.identity
    engine = "relief \(SceneRun.version), \(BLAS.coreName), \(CPU.kernelLevel)"
    quantity = options.quantity
    let measurement = try await scene.measure(
      stretch, bands: options.stretchBands ?? (model.card.stretch.bands == .joint ? .joint : .each))
    radiometry = measurement.radiometry
    if radiometry.clippedShare > 0.5 {
      warnings.append(
        String(
          format:
            "%.0f %% of the samples lie outside the stretch; percentiles are percentile:LOW,HIGH",
          radiometry.clippedShare * 100))
    }
    if let damage = measurement.damage { warnings.append(damage) }
    notes = warnings
  }

  /// The tiles that the output is blended from, row by row.
  public var outputTiles: [TileIndex] {
    Self.tiles(
      of: working.tiles, under: turn.target(of: area, in: sceneGrid), of: turnedGrid,
      lattice: working.lattice)
  }

  /// The scene's pixels as they are, and turned.
  var sceneGrid: Grid { Grid(width: scene.width, height: scene.height) }
  var turnedGrid: Grid { turn.size(of: sceneGrid) }

  /// The stage whose tiles those are.
  public var outputStage: Stage { refinement == nil ? .coarse : .refined }

  /// SHA-256 of the plan: two runs that agree in it give the same pixels.
  public var hash: String {
    get throws {
      Self.hash(of: try canonical)
    }
  }

  static func hash(of canonical: Data) -> String {
    SHA256.hexadecimal(of: canonical.bytes)
  }

  /// As JSON with sorted keys, the same bytes for the same plan.
  var canonical: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      var plan = self
      plan.sun = nil
      return try encoder.encode(plan)
    }
  }

  /// Size and time of last change of each local file.
  private static func fingerprints(_ files: [String]) -> [String: String] {
    Dictionary(
      files.map { file in
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: file),
          let size = attributes[.size] as? Int, let date = attributes[.modificationDate] as? Date
        else { return (file, "not a local file") }
        return (file, "\(size) bytes of \(date.timeIntervalSince1970)")
      }, uniquingKeysWith: { first, _ in first })
  }
}
