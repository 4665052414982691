import ArgumentParser
import DepthModels
import Foundation
import Rasters
import Scenes

/// The options for reading a scene and running the networks, shared by `infer`, `info` and `audit --invariance`.
///
/// The scene and its window are separate arguments.
struct InferenceArguments: ParsableArguments {
  @Option(
    help:
      "The subdataset of a product or container (Sentinel-2, NetCDF, HDF), by name, number or full path."
  )
  var subdataset: String?

  @Option(
    name: .customLong("oo"),
    help: ArgumentHelp("An open option of the GDAL driver; repeatable.", valueName: "KEY=VALUE"))
  var openOptions: [KeyValue] = []

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A GDAL configuration option; repeatable.", valueName: "KEY=VALUE"))
  var configuration: [KeyValue] = []

  @Flag(help: "Print GDAL's debug messages to standard error.")
  var debug = false

  @Option(
    help: "The band numbers of red, green and blue, such as 4,3,2, or one band. Default: detected.")
  var bands: NumberList?

  @Option(
    parsing: .unconditional,
    help: """
      The nodata value of a scene that does not declare it, or one value per selected band, such as 0,0,65535.
      """)
  var srcNodata: ValueList?

  @Option(
    help: """
      Whether a pixel is invalid if all selected bands hold nodata, or if any of them does. Masks, alpha bands \
      and NaN always make a pixel invalid.
      """)
  var nodataRule: ValidityRule.NoData = .all

  @Option(
    parsing: .unconditional,
    help: """
      The scene values that are mapped to 0 and 255: percentile:LOW,HIGH (0 to 100), minmax or LO,HI. \
      Measured once for the whole scene. Default: the stretch that the bundle was trained with.
      """)
  var stretch: Stretch?

  @Option(
    help:
      "One stretch for all bands (joint) or one per band (each). Default: as the bundle was trained."
  )
  var stretchBands: Radiometry.Bands?

  @Option(
    parsing: .unconditional,
    help: """
      The azimuth of the sun, in degrees clockwise from north, 0 to 360. The scene is rotated or mirrored so that the \
      sun is where the network expects it. Default: from metadata, or from time and place; info shows the source.
      """)
  var sunAzimuth: Double?

  @Option(
    help: """
      The pixel size of the network's input, in meters: auto (native within the bundle's range, else the nearer end \
      of the range), native, or a number above 0.
      """)
  var gsd: GSDPolicy = .auto

  @Flag(
    help: "Accept a scene whose pixel size is far from the range that the bundle was trained on.")
  var forceGsd = false

  @Option(help: "The side of a tile, in pixels, 1 to 16384. Default: as the bundle recommends.")
  var tile: Int?

  @Option(
    help:
      "The overlap of neighboring tiles, in pixels, 0 to 16384. Default: as the bundle recommends.")
  var overlap: Int?

  @Option(
    help:
      "The number of refinement steps; 0 computes coarse heights only. Default: as the bundle was trained."
  )
  var steps: Int?

  @Flag(help: "Stop refinement one step early, as the text of the paper describes.")
  var stopAtOne = false

  @Flag(help: "Sample latents from their distribution (seed 42) instead of using its mean.")
  var samplePosterior = false

  @Flag(
    help: """
      Refine all tiles jointly: after each step, neighboring tiles average their updates where they overlap. \
      Requires --normalization scene.
      """)
  var joint = false

  @Flag(
    help: """
      Read the overview that calibrates the tiles from the overviews of the scene's file, which changes heights by \
      about 2 % of their range. Default: all pixels are averaged.
      """)
  var fileOverviews = false

  @Option(
    help: """
      How heights are normalized: scene (one surface with one calibration) or per-tile (each tile independently, and \
      refined from 8 bits, as in the paper; for comparison with it).
      """)
  var normalization: SceneOptions.Normalization = .scene

  @Option(
    help: """
      The number of ensemble members, 2, 4 or 8: the coarse network runs on each tile at as many pixel sizes, from its \
      own to nearly twice as large. Broad landforms are the mean of all members, fine ones come from the tile's own \
      pixel size. Multiplies the time of the coarse stage. Default: no ensemble.
      """)
  var ensemble: SceneOptions.Ensemble?

  @Option(
    help:
      "Number of inference threads, 1 to 1024. Does not change the result. Default: one per processor."
  )
  var threads: Int?

  @Option(
    help: "The memory limit, with unit, such as 800MB or 4GB. Default: half of the free memory.")
  var ram: ByteCount?

  @Option(help: "The folder of the model bundle. Default: $RELIEF_MODEL, else the shipped bundle.")
  var model: String?

  func validate() throws {
    try Limits.threads.check("--threads", threads)
    try Limits.pixels.check("--tile", tile)
    try Limits.pixels.check("--overlap", overlap, from: 0)
    if let sunAzimuth, !(0...360).contains(sunAzimuth) {
      throw ValidationError(
        "--sun-azimuth \(sunAzimuth), expected degrees clockwise from north, 0 to 360")
    }
  }

  /// Reads the metadata of a scene, even if its bands are ambiguous.
  func information(of scene: String) throws -> SceneSource.Information {
    configure()
    return try SceneSource.Information(
      scene, subdataset: subdataset, openOptions: openOptions.dictionary)
  }

  /// Opens a scene with the given options.
  func open(_ scene: String) throws -> SceneSource {
    configure()
    return try SceneSource(
      scene, subdataset: subdataset, openOptions: openOptions.dictionary, bands: bands?.numbers,
      validity: ValidityRule(noData: nodataRule, declared: srcNodata?.values))
  }

  /// Sets the GDAL configuration options.
  private func configure() {
    for option in configuration { GDAL.configure(option.key, option.value) }
    if debug { GDAL.configure("CPL_DEBUG", "ON") }
  }

  /// Loads the model bundle.
  func loadModel() throws -> D3RSMDE { try D3RSMDE(ModelBundle.locate(model)) }

  /// The inference options for the whole scene.
  var options: SceneOptions {
    var options = SceneOptions()
    options.stretch = stretch
    options.stretchBands = stretchBands
    options.sunAzimuth = sunAzimuth
    options.gsd = gsd
    options.forcesGSD = forceGsd
    options.tileSize = tile
    options.overlap = overlap
    options.steps = steps
    options.stopsAtOne = stopAtOne
    options.samplesPosterior = samplePosterior
    options.refinesJointly = joint
    options.usesFileOverviews = fileOverviews
    options.normalization = normalization
    options.ensemble = ensemble
    options.threads = threads
    options.memory = ram?.bytes
    return options
  }

  /// The names of the given options that apply only when the network runs.
  ///
  /// An option that was given with its default value does not count.
  var givenInferenceOptions: [String] {
    let options = [
      ("--subdataset", subdataset != nil), ("--oo", !openOptions.isEmpty),
      ("--config", !configuration.isEmpty), ("--bands", bands != nil),
      ("--src-nodata", srcNodata != nil), ("--nodata-rule", nodataRule != .all),
      ("--stretch", stretch != nil), ("--stretch-bands", stretchBands != nil),
      ("--sun-azimuth", sunAzimuth != nil), ("--gsd", gsd != .auto), ("--force-gsd", forceGsd),
      ("--steps", steps != nil),
      ("--stop-at-one", stopAtOne), ("--sample-posterior", samplePosterior), ("--joint", joint),
      ("--file-overviews", fileOverviews),
      ("--normalization", normalization != .scene), ("--ensemble", ensemble != nil),
      ("--threads", threads != nil),
      ("--ram", ram != nil), ("--model", model != nil),
    ]
    return options.filter(\.1).map(\.0)
  }
}
