public import TileModels
import Foundation
import Grids
import Rasters
import Surfaces
import Tensors

/// A run, which reads a scene and writes a georeferenced height raster.
///
///     let scene = try SceneSource("scene.tif")
///     let model = try D3RSMDE(.locate(nil))
///     let plan = try await ScenePlan.make(for: scene, model: model, options: SceneOptions())
///     let run = try SceneRun(plan, scene: scene, model: model, output: OutputOptions("relief.tif"))
///     let report = try await run()
///
/// If the task is canceled or the process is killed, the finished tiles remain in the folder `NAME.relief` next to the
/// output. The same run, started again, resumes from there and retries failed tiles. The output appears under its name
/// only after it has been written completely and read back. If tiles failed, the output has holes, its tags say so, and
/// the folder remains. A run whose output already exists does nothing.
public struct SceneRun: Sendable {
  /// The version of relief.
  public static let version = "0.1.0"

  /// The plan of the run.
  public let plan: ScenePlan
  /// The memory and threads of the run.
  public let resources: Resources
  let scene: SceneSource
  let reference: ReferenceSource?
  let model: any TileModel
  let output: OutputOptions

  /// Checks, before the first tile, that the scene and the model match the plan, that the memory suffices, and that the
  /// output can be written.
  ///
  /// - Parameters:
  ///   - plan: The plan.
  ///   - scene: The scene for which the plan was made.
  ///   - reference: The reference for which the plan was made, if any.
  ///   - model: The model for which the plan was made.
  ///   - options: The limits on memory and threads; other options are ignored.
  ///   - output: The output and the files next to it.
  /// - Throws: `SceneError` if a check fails; also the errors of `Resources` and `OutputOptions.check(against:)`.
  public init(
    _ plan: ScenePlan, scene: SceneSource, reference: ReferenceSource? = nil,
    model: any TileModel, options: SceneOptions = .init(), output: OutputOptions
  ) throws {
    self.plan = plan
    self.scene = scene
    self.reference = reference
    self.model = model
    var output = output
    output.writesDEM = plan.anchor != nil
    self.output = output
    guard scene.grid.width == plan.scene.width, scene.grid.height == plan.scene.height else {
      throw SceneError(
        .usage,
        "\(scene.path) is not the plan's scene, \(plan.scene.path): make a new plan")
    }
    guard (plan.anchor == nil) == (reference == nil) else {
      throw SceneError(
        .usage,
        reference == nil
          ? "the plan has the reference \(plan.anchor?.reference ?? ""): give it with --reference"
          : "the plan has no reference: make a new plan")
    }
    guard !plan.outputTiles.isEmpty else {
      throw SceneError(
        .badData,
        "no pixel of the area \(plan.area) is valid: there is nothing to process")
    }
    guard model.identity == plan.bundle else {
      throw SceneError(
        .usage,
        "the model \(model.card.name) is not the plan's model: make a new plan, or load the bundle with the SHA-256 "
          + plan.bundle
      )
    }
    guard plan.ensemble != nil || !output.confidence.contains(.spread) else {
      throw SceneError(
        .usage, "the spread layer needs an ensemble, but the plan has none: use --ensemble 4")
    }
    resources = try Resources(
      for: plan, model: model, options: options, confidence: output.confidence)
    try self.output.check(against: scene, reference: reference)
    try output.requireReplaceable(for: plan)
  }

  /// Runs the plan and returns a report; if the output already exists, only returns its report.
  ///
  /// Stored tiles that are found to be damaged are computed again. The run uses threads of its own, so it does not
  /// delay other tasks. When its task is canceled, it stops within the layer that a network computes.
  ///
  /// - Parameter progress: Called on any thread, one call at a time.
  /// - Returns: The report.
  /// - Throws: `SceneError`, `RasterError`, `FileError`, any error of the network, or `CancellationError`.
  public func callAsFunction(progress: @escaping ProgressHandler = { _ in }) async throws
    -> SceneReport
  {
    try await withTaskExecutorPreference(BlockingExecutor.shared) { try await run(progress) }
  }

  private func run(_ progress: @escaping ProgressHandler) async throws -> SceneReport {
    try await plan.requireScene(scene)
    try await scene.requireUnchanged()
    if let report = try alreadyDone() { return report }
    let store = try RunStore(
      output.openStore(), plan: plan, layers: output.confidence, replacing: output.overwrites)
    try output.requireReplaceable(for: plan)  // it may have been created since the first check
    output.removeLeftovers()
    try checkOutputs()
    var damaged = 0
    while true {
      do {
        var report = try await attempt(store, progress)
        if damaged > 0 {
          report.warnings.append("\(damaged) finished tiles were damaged and were computed again")
        }
        return report
      } catch let damage as DamagedTile {
        guard damaged < Self.maximumDamagedTiles else {
          throw SceneError(
            .io,
            "\(damage), after \(damaged) other damaged tiles: check the disk that holds \(store.objects.location)"
          )
        }
        damaged += 1
        try store.discard(damage.tile, in: damage.stage)
      }
    }
  }

  /// Writes small rasters with the descriptions of the outputs, so that unsupported ones are rejected before the first
  /// tile.
  private func checkOutputs() throws {
    let description = try description()
    try RasterWriter.checkRoundTrip(in: output.scratchFolder, description)
    for (part, _) in output.confidencePaths {
      try RasterWriter.checkRoundTrip(
        in: output.scratchFolder,
        part.description(beside: description, metadata: provenance.layerTags(), overwrite: true))
    }
    if let dem = try demDescription() {
      try RasterWriter.checkRoundTrip(in: output.scratchFolder, dem)
    }
  }

  /// The number of damaged tiles in one run above which the run stops and reports the disk.
  private static let maximumDamagedTiles = 100

  /// Runs all stages in their order, and writes the output.
  private func attempt(
    _ store: RunStore, _ progress: @escaping ProgressHandler
  ) async throws -> SceneReport {
    var clock = StageClock()
    let runner = StageRunner(
      RunContext(
        store: store, scene: scene, reference: reference, model: model, resources: resources))
    for stage in store.stages {
      try await runner.run(stage, progress: progress)
      clock.lap(stage.name.rawValue)
    }
    let failedTiles = try store.failedTiles()
    let assembled = try await Assembly(run: self, store: store)(
      failedTiles: failedTiles, progress: progress)
    let written = assembled.raster
    clock.lap("assembly")

    var pictures = try output.writePictures(of: written, plan: plan.hash)
    if let dem = assembled.dem {
      pictures += try output.writePictures(of: dem, plan: plan.hash, only: output.demPictures)
    }
    let states = try plan.outputTiles.map { try store.state(of: $0, in: plan.outputStage) }
    let kept = failedTiles.isEmpty ? output.removeStore { try store.objects.remove() } : []
    let (audit, refusal) = Self.audit(of: written)
    let stray = output.staleConfidence(plan: try plan.hash).map {
      "\($0) belongs to an earlier raster of that name, not to this one"
    }
    clock.lap("audit")
    var report = SceneReport(
      output: written, companions: assembled.companions + pictures,
      tilesDone: states.count { $0 == .done },
      tilesSkipped: states.count { if case .skipped = $0 { true } else { false } }
        + plan.emptyTileCount,
      failedTiles: failedTiles, validPixels: assembled.counts.valid, holes: assembled.counts.holes,
      audit: audit, warnings: plan.warnings + kept + refusal + stray, seconds: clock.laps)
    report.dem = assembled.dem
    report.anchor = assembled.anchor
    if let voids = assembled.anchor?.counts.voids, voids > 0 {
      report.warnings.append(
        "\(voids) pixels have no height in meters, because the reference has none there: fill its voids first"
      )
    }
    return report
  }

  /// Audits the finished output; returns a warning if that fails, since the output exists in either case.
  static func audit(of output: WrittenRaster) -> (SeamAudit?, warnings: [String]) {
    do {
      return (try SeamAudit(of: output.path), [])
    } catch {
      return (nil, ["the seams of the output could not be audited: \(error)"])
    }
  }

  /// The description of the heights.
  func description() throws -> RasterDescription {
    var description = RasterDescription(
      width: plan.area.width, height: plan.area.height,
      georeferencing: scene.information.georeferencing.cropped(to: plan.area))
    description.noData = StripMerge.noData
    description.bandDescription =
      plan.quantity == .height ? "relative height" : "relative depth"
    description.unit = "1"
    description.metadata = try provenance.tags()
    if scene.information.georeferencing.kind == .groundControl
      || scene.information.georeferencing.kind == .rationalPolynomial
    {
      description.metadata["GEOMETRY"] = "sensor"
    }
    description.creationOptions = output.creationOptions
    description.overwrite = try output.mayReplace(output.path)
    return description
  }

  /// The description of the heights in meters; nil without a reference.
  func demDescription() throws -> RasterDescription? {
    guard let anchor = plan.anchor else { return nil }
    var dem = try description()
    if let crs = dem.georeferencing.crs {
      dem.georeferencing.crs = try anchor.output.compound(with: crs)
    }
    dem.bandDescription = "height"
    dem.unit = "metre"
    dem.metadata.merge(provenance.anchorTags(anchor)) { $1 }
    dem.overwrite = try output.mayReplace(output.demPath)
    return dem
  }

  var provenance: Provenance {
    Provenance(plan: plan, model: model, version: Self.version)
  }
}

/// Measures the wall-clock time of consecutive parts of a run.
private struct StageClock {
  private let clock = ContinuousClock()
  private var last = ContinuousClock().now
  private(set) var laps: [(part: String, seconds: Double)] = []

  mutating func lap(_ part: String) {
    let now = clock.now
    laps.append((part, (now - last) / .seconds(1)))
    last = now
  }
}
