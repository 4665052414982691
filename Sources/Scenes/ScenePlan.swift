public import DepthModels
import Crypto
import Foundation
public import Grids
import Rasters
import Surfaces
import Tensors

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
  }

  public let scene: Identity
  public let bands: BandSelection
  public let validityRule: String
  public let stretch: Stretch
  public let radiometry: Radiometry
  public let bundle: String
  /// Version, BLAS core and processor level: tiles of different ones differ in their last bits.
  public let engine: String
  public let quantity: SceneOptions.Quantity
  /// The part of the scene that is written, in the scene's pixels.
  public let area: Window
  /// Where tiles are seen.
  public let working: Level
  /// Where more is seen at once, to hold tiles to one ruler; nil where one tile is all there is.
  public let overview: Level?
  /// What the user should know; also in the report.
  public let warnings: [String]

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
    let lattice = try Self.lattice(scene.grid, scale: decision.scale)
    let tiles = try Self.tiles(on: lattice, model: model, options: options)
    // One pixel around the area, which interpolation back to the scene's grid draws on.
    let footprint = Resampling(
      from: lattice, to: Grid(width: scene.grid.width, height: scene.grid.height)
    )
    .sourceWindow(for: area)
    working = Level(
      lattice: lattice, tiles: tiles, wanted: tiles.tiles(overlapping: footprint),
      gsd: native.map { $0 * decision.scale })
    overview = try Self.overview(of: working, model: model, options: options)
    if let count = overview?.tiles.count, count > 1 {
      warnings.append(
        "the overview takes \(count) tiles, each on a ruler of its own: broad steps may remain")
    }

    self.scene = Identity(
      path: scene.path, subdataset: scene.subdataset, openOptions: scene.openOptions,
      files: Self.fingerprints(information.files),
      width: scene.grid.width, height: scene.grid.height)
    bands = scene.bands
    validityRule =
      scene.validity.noData.rawValue
      + (scene.validity.declared.map { " \($0)" } ?? "")
    self.stretch = stretch
    bundle = model.identity
    engine = "relief \(SceneRun.version), \(BLAS.coreName), \(CPU.kernelLevel)"
    quantity = options.quantity
    self.warnings = warnings
    radiometry = try await scene.measure(
      stretch, bands: options.stretchBands ?? (model.card.stretch.bands == .joint ? .joint : .each))
  }

  /// SHA-256 of the plan: two runs that agree in it give the same pixels.
  public var hash: String {
    get throws {
      SHA256.hash(data: try canonical).map { String(format: "%02x", $0) }.joined()
    }
  }

  /// As JSON with sorted keys, the same bytes for the same plan.
  var canonical: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
      return try encoder.encode(self)
    }
  }

  /// The same ground in pixels `scale` times as large.
  private static func lattice(_ grid: Grid, scale: Double) throws -> Grid {
    let (width, height) = (Double(grid.width) / scale, Double(grid.height) / scale)
    guard width * height <= largestLattice else {
      throw SceneError(
        .usage, "the scene would be seen as \(width) × \(height) pixels, more than 10¹²")
    }
    return Grid(width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())))
  }

  /// A million pixels squared: four terabytes of heights.
  private static let largestLattice = 1e12

  /// Tiles of the wanted size, or smaller ones where the whole scene is smaller.
  private static func tiles(
    on lattice: Grid, model: any TileModel, options: SceneOptions
  ) throws -> TileGrid {
    let size = options.tileSize ?? model.card.tileSize
    let overlap =
      options.overlap
      ?? (options.tileSize == nil ? model.card.overlap : min(model.card.overlap, size / 4))
    guard size > 0, size % model.sizeMultiple == 0 else {
      throw SceneError(
        .usage, "a tile of \(size) pixels, expected a multiple of \(model.sizeMultiple)")
    }
    guard (0...size / 2).contains(overlap) else {
      throw SceneError(
        .usage, "an overlap of \(overlap) pixels, expected 0 to \(size / 2), half a tile")
    }
    let margin = overlap / 2  // what a pixel in the middle of an overlap has, too
    let fitted = { (extent: Int) in
      let multiple = model.sizeMultiple
      return min(size, (extent + 2 * margin + multiple - 1) / multiple * multiple)
    }
    let (width, height) = (fitted(lattice.width), fitted(lattice.height))
    return TileGrid(
      width: lattice.width, height: lattice.height, tileWidth: width, tileHeight: height,
      overlap: min(overlap, min(width, height) / 2),
      margin: min(margin, min(width, height) / 4))
  }

  /// The scene at the coarsest distance that the network knows, but at least at half the working resolution.
  private static func overview(
    of working: Level, model: any TileModel, options: SceneOptions
  ) throws -> Level? {
    guard working.tiles.count > 1 else { return nil }
    let coarsest = working.gsd.map { model.card.gsdInMeters.upperBound / $0 } ?? 2
    // Once all of it fits in one tile, coarser shows less and no more.
    let sufficient =
      Double(max(working.lattice.width, working.lattice.height))
      / Double(options.tileSize ?? model.card.tileSize)
    let scale = max(2, min(coarsest, sufficient))
    let lattice = try lattice(working.lattice, scale: scale)
    let tiles = try tiles(on: lattice, model: model, options: options)
    let resampling = Resampling(from: lattice, to: working.lattice)
    let wanted = Set(
      working.wanted.flatMap { tile in
        let seen = working.tiles.window(of: tile).intersection(working.tiles.scene)
        return tiles.tiles(overlapping: resampling.sourceWindow(for: seen))
      })
    return Level(
      lattice: lattice, tiles: tiles, wanted: wanted.sorted(), gsd: working.gsd.map { $0 * scale })
  }

  /// The area in the scene's pixels, and a warning if the scene does not cover all of it.
  private static func area(
    _ area: SceneOptions.Area, of scene: SceneSource
  ) throws -> (Window, String?) {
    let whole = scene.grid.window
    switch area {
    case .whole:
      return (whole, nil)
    case .window(let window):
      guard !window.isEmpty else {
        throw SceneError(.usage, "the window \(window) has no pixel")
      }
      guard whole.contains(window) else {
        throw SceneError(
          .usage,
          "the window \(window) is not inside the scene of \(whole.width) × \(whole.height) pixels")
      }
      return (window, nil)
    case .bounds(let bounds, let crs):
      guard bounds.minX < bounds.maxX, bounds.minY < bounds.maxY else {
        throw SceneError(
          .usage, "the box \(bounds.text) is empty, expected minx,miny,maxx,maxy")
      }
      guard let own = scene.information.georeferencing.crs, scene.grid.geoTransform != nil else {
        throw SceneError(
          .usage, "a box needs a scene with a geotransform and a CRS; use --window instead")
      }
      let local = try crs.map { try own.bounds(of: bounds, from: $0) } ?? bounds
      guard
        let window = scene.grid.window(
          coveringX: local.minX...local.maxX, y: local.minY...local.maxY)
      else { throw SceneError(.usage, "the box \(bounds.text) has no place on the scene's grid") }
      let inside = window.intersection(whole)
      guard !inside.isEmpty else {
        throw SceneError(.usage, "the box \(bounds.text) lies outside the scene")
      }
      return (
        inside,
        inside == window
          ? nil : "the box reaches beyond the scene: \(inside) of \(window) is written"
      )
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

extension Bounds {
  fileprivate var text: String { "\(minX),\(minY),\(maxX),\(maxY)" }
}
