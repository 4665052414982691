import ArgumentParser
import DepthModels
import Grids
import Rasters
import Scenes

/// What `infer` and `info` both take: the scene, how to read and see it, and which part of it.
struct SceneArguments: ParsableArguments {
  @Argument(help: "The scene: any path that GDAL opens (also /vsicurl/…, /vsizip/…, a VRT).")
  var scene: String

  @OptionGroup var inference: InferenceArguments

  @Option(
    parsing: .unconditional,
    help: "Only this part of the scene, in pixels: column,row,width,height.")
  var window: WindowArgument?

  @Option(
    parsing: .unconditional,
    help: "Only this part of the scene, in map coordinates: minx,miny,maxx,maxy.")
  var bbox: BoundsArgument?

  @Option(help: "The CRS of --bbox, as EPSG:4326 or WKT. Default: the scene's.")
  var bboxCrs: String?

  func validate() throws {
    if window != nil, bbox != nil {
      throw ValidationError("--window and --bbox exclude each other")
    }
    if bboxCrs != nil, bbox == nil { throw ValidationError("--bbox-crs needs --bbox") }
  }

  /// Looks at the scene, whether or not its bands are clear.
  func look() throws -> SceneSource.Information { try inference.look(at: scene) }

  /// Opens the scene as told.
  func open() throws -> SceneSource { try inference.open(scene) }

  func loadModel() throws -> D3RSMDE { try inference.loadModel() }

  var options: SceneOptions {
    get throws {
      var options = inference.options
      if let window { options.area = .window(window.window) }
      if let bbox { options.area = .bounds(bbox.bounds, try bboxCrs.map { try CRS($0) }) }
      return options
    }
  }
}
