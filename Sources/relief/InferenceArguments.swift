import ArgumentParser
import DepthModels
import Foundation
import Rasters
import Scenes

/// How a scene is read and how the network shall see it: what `infer`, `info` and `audit --invariance` share.
///
/// Which scene, and which part of it, is said beside it.
struct InferenceArguments: ParsableArguments {
  @Option(help: "A subdataset of a container (NetCDF, HDF): its name, number or full path.")
  var subdataset: String?

  @Option(
    name: .customLong("oo"),
    help: ArgumentHelp("An open option of the GDAL driver; repeatable.", valueName: "KEY=VALUE"))
  var openOptions: [KeyValue] = []

  @Option(
    name: .customLong("config"),
    help: ArgumentHelp("A GDAL configuration option; repeatable.", valueName: "KEY=VALUE"))
  var configuration: [KeyValue] = []

  @Option(help: "Red, green and blue as band numbers, or one band: 4,3,2. Default: found.")
  var bands: NumberList?

  @Option(
    parsing: .unconditional,
    help: """
      The value that means “no data”, where the scene does not declare it; or one for each selected band: 0,0,65535.
      """)
  var srcNodata: ValueList?

  @Option(
    help: """
      A pixel is invalid if all selected bands hold their nodata, or if any does \
      (masks, alpha and NaN always count).
      """)
  var nodataRule: ValidityRule.NoData = .all

  @Option(
    parsing: .unconditional,
    help: """
      The scene's values that become 0 and 255: percentile:LOW,HIGH, minmax or LO,HI. \
      Measured once for the whole scene. Default: what the bundle was trained with.
      """)
  var stretch: Stretch?

  @Option(help: "One stretch for all bands (joint) or one for each. Default: as the bundle.")
  var stretchBands: Radiometry.Bands?

  @Option(
    parsing: .unconditional,
    help: """
      Where the sun stood, in degrees clockwise from north: the scene is turned so that it shines from where the \
      network expects it. Default: as metadata say, or time and place; info says which.
      """)
  var sunAzimuth: Double?

  @Option(
    help: """
      Metres between the pixels that the network sees: auto (native within the bundle's range, \
      else its nearer end), native, or a number.
      """)
  var gsd: GSDPolicy = .auto

  @Flag(help: "Take the scene though its pixels are far from what the bundle was trained on.")
  var forceGsd = false

  @Option(help: "Pixels of a tile's side. Default: what the bundle recommends.")
  var tile: Int?

  @Option(help: "Pixels that neighbouring tiles share. Default: what the bundle recommends.")
  var overlap: Int?

  @Option(
    help: "Steps of the refining network: 0 for coarse heights alone. Default: as the bundle.")
  var steps: Int?

  @Flag(help: "End the refining one step early, as the text of the paper has it.")
  var stopAtOne = false

  @Flag(help: "Draw latents from their distribution (seed 42) instead of taking its mean.")
  var samplePosterior = false

  @Flag(
    help: """
      Refine all tiles side by side: after each step, neighbours take the mean of what they add to the ground that \
      both see.
      """)
  var joint = false

  @Option(
    help: """
      What heights are normalised by: scene (one surface, one ruler) or per-tile (each tile by itself, and \
      refined from 8 bits, as in the paper; for comparison with it).
      """)
  var normalisation: SceneOptions.Normalization = .scene

  @Option(
    help: """
      The coarse network sees each tile at 2, 4 or 8 pixel sizes, from the tile's own to nearly twice as large. Broad \
      forms are the mean, fine ones those of its own size. That many times the time of the coarse half.
      """)
  var ensemble: SceneOptions.Ensemble?

  @Option(help: "Threads for inference. Default: one for each processor.")
  var threads: Int?

  @Option(help: "Memory that may be taken: 800MB, 4GB. Default: half of what is free.")
  var ram: ByteCount?

  @Option(help: "The model bundle, a folder. Default: $RELIEF_MODEL, else the one shipped.")
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

  /// Looks at a scene, whether or not its bands are clear.
  func look(at scene: String) throws -> SceneSource.Information {
    configure()
    return try SceneSource.Information(
      scene, subdataset: subdataset, openOptions: openOptions.dictionary)
  }

  /// Opens a scene as told.
  func open(_ scene: String) throws -> SceneSource {
    configure()
    return try SceneSource(
      scene, subdataset: subdataset, openOptions: openOptions.dictionary, bands: bands?.numbers,
      validity: ValidityRule(noData: nodataRule, declared: srcNodata?.values))
  }

  private func configure() {
    for option in configuration { GDAL.configure(option.key, option.value) }
  }

  func loadModel() throws -> D3RSMDE { try D3RSMDE(ModelBundle.locate(model)) }

  /// Of the whole scene.
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
    options.normalization = normalisation
    options.ensemble = ensemble
    options.threads = threads
    options.memory = ram?.bytes
    return options
  }

  /// The options that were given and mean something only where the network runs; a default that was said counts as none.
  var givenForInference: [String] {
    let options = [
      ("--subdataset", subdataset != nil), ("--oo", !openOptions.isEmpty),
      ("--config", !configuration.isEmpty), ("--bands", bands != nil),
      ("--src-nodata", srcNodata != nil), ("--nodata-rule", nodataRule != .all),
      ("--stretch", stretch != nil), ("--stretch-bands", stretchBands != nil),
      ("--sun-azimuth", sunAzimuth != nil), ("--gsd", gsd != .auto), ("--force-gsd", forceGsd),
      ("--steps", steps != nil),
      ("--stop-at-one", stopAtOne), ("--sample-posterior", samplePosterior), ("--joint", joint),
      ("--normalisation", normalisation != .scene), ("--ensemble", ensemble != nil),
      ("--threads", threads != nil),
      ("--ram", ram != nil), ("--model", model != nil),
    ]
    return options.filter(\.1).map(\.0)
  }
}
