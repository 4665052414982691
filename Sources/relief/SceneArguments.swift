import ArgumentParser
import DepthModels
import Grids
import Rasters
import Scenes

/// The arguments of `infer` and `info`: the scene, the part of it to use, and the inference options.
struct SceneArguments: ParsableArguments {
  @Argument(
    help: "The scene, any path that GDAL opens (including /vsicurl/…, /vsizip/… and VRT files).")
  var scene: String

  @OptionGroup var inference: InferenceArguments

  @Option(
    parsing: .unconditional,
    help: "Use only this part of the scene, in pixels: column,row,width,height.")
  var window: WindowArgument?

  @Option(
    parsing: .unconditional,
    help: "Use only this part of the scene, in map coordinates: minx,miny,maxx,maxy.")
  var bbox: BoundsArgument?

  @Option(help: "The CRS of --bbox, such as EPSG:4326, or WKT. Default: the CRS of the scene.")
  var bboxCrs: String?

  func validate() throws {
    if window != nil, bbox != nil {
      throw ValidationError("--window and --bbox are mutually exclusive: give only one of them")
    }
    if bboxCrs != nil, bbox == nil { throw ValidationError("--bbox-crs requires --bbox") }
  }

  /// Reads the metadata of the scene, even if its bands are ambiguous.
  func information() throws -> SceneSource.Information { try inference.information(of: scene) }

  /// Opens the scene with the given options.
  func open() throws -> SceneSource { try inference.open(scene) }

  /// Loads the model bundle.
  func loadModel() throws -> D3RSMDE { try inference.loadModel() }

  /// The inference options, including the part of the scene.
  ///
  /// - Throws: `RasterError` if PROJ does not recognize the CRS of --bbox.
  var options: SceneOptions {
    get throws {
      var options = inference.options
      if let window { options.area = .window(window.window) }
      if let bbox { options.area = .bounds(bbox.bounds, try bboxCrs.map { try CRS($0) }) }
      return options
    }
  }
}
