public import DepthModels
import Foundation
import Grids
import Rasters
import Surfaces
import Tensors

/// The main job: a scene goes in, a georeferenced height raster comes out.
///
///     let scene = try SceneSource("scene.tif")
///     let model = try D3RSMDE(.locate(nil))
///     let plan = try await ScenePlan(scene, model: model, options: SceneOptions())
///     let run = try SceneRun(plan, scene: scene, model: model, output: OutputOptions("relief.tif"))
///     let report = try await run()
///
/// Cancelling the task, or killing the process at any moment, leaves the finished tiles in the folder `NAME.relief`
/// beside the output; the same run started again goes on from there, and tries tiles again that failed. The output
/// appears under its name only when it is written to its end and has been read back. Where tiles failed it has holes,
/// says so in its tags, and the folder stays. A run whose output is there already does nothing.
public struct SceneRun: Sendable {
  public static let version = "0.1.0"

  public let plan: ScenePlan
  public let resources: Resources
  let scene: SceneSource
  let model: any TileModel
  let output: OutputOptions

  /// Checks that scene and model are the plan's, the memory suffices and the output can be written, before the first
  /// tile.
  ///
  /// - Throws: `SceneError` where they are not, or as `Resources` and `OutputOptions.check(against:)`.
  public init(
    _ plan: ScenePlan, scene: SceneSource, model: any TileModel, options: SceneOptions = .init(),
    output: OutputOptions
  ) throws {
    self.plan = plan
    self.scene = scene
    self.model = model
    self.output = output
    guard scene.grid.width == plan.scene.width, scene.grid.height == plan.scene.height else {
      throw SceneError(
        .usage, "\(scene.path) is not the scene of the plan, \(plan.scene.path): plan again")
    }
    guard !plan.outputTiles.isEmpty else {
      throw SceneError(
        .badData, "no pixel of the area \(plan.area) is valid: there is nothing to see")
    }
    guard model.identity == plan.bundle else {
      throw SceneError(
        .usage,
        "the model \(model.card.name) is not that of the plan: plan again, or load the bundle with the SHA-256 \(plan.bundle)"
      )
    }
    guard plan.ensemble != nil || !output.confidence.contains(.spread) else {
      throw SceneError(
        .usage, "a spread is that of an ensemble, and the plan has none: --ensemble 4")
    }
    resources = try Resources(
      for: plan, model: model, options: options, confidence: output.confidence)
    try output.check(against: scene)
    try output.requireReplaceable(for: plan)
  }

  /// Does it, unless it is done already.
  ///
  /// A stored tile that turns out to be damaged is computed again.
  ///
  /// - Throws: `SceneError`, `RasterError`, `FileError`, whatever the network throws, or `CancellationError`.
  public func callAsFunction(progress: @escaping ProgressHandler = { _ in }) async throws
    -> SceneReport
  {
    try await plan.requireScene(scene)
    try await scene.requireUnchanged()
    if let report = try alreadyDone() { return report }
    let store = try FolderTileStore(output.storeFolder, plan: plan, replacing: output.overwrites)
    try output.requireReplaceable(for: plan)  // it may have appeared since
    output.removeLeftovers()
    try rehearse()
    var damaged = 0
    while true {
      do {
        var report = try await attempt(store, progress)
        if damaged > 0 {
          report.warnings.append("\(damaged) finished tiles were damaged and were computed again")
        }
        return report
      } catch let damage as DamagedTile {
        guard damaged < Self.mostDamagedTiles else {
          throw SceneError(
            .io, "\(damage); \(damaged) others were: \(store.folder) is on a disk to be checked")
        }
        damaged += 1 + (try store.discardDamaged())
      }
    }
  }

  /// Writes small rasters as the output and those beside it will be: what cannot be kept is refused before the first
  /// tile.
  private func rehearse() throws {
    let description = try description()
    try RasterWriter.rehearse(in: output.storeFolder, description)
    for (part, _) in output.confidencePaths {
      try RasterWriter.rehearse(
        in: output.storeFolder,
        part.description(beside: description, metadata: provenance.tagsBeside(), overwrite: true))
    }
  }

  /// Beyond so many damaged tiles in one run, the disk is no longer believed.
  private static let mostDamagedTiles = 100

  /// All passes over what is not done yet, and the output.
  private func attempt(
    _ store: FolderTileStore, _ progress: @escaping ProgressHandler
  ) async throws -> SceneReport {
    var clock = StageClock()
    if let overview = plan.overview {
      let sight = TileSight(
        source: CalibratedScene(
          scene, plan.radiometry, turn: plan.turn, readsAroundDamage: true), level: overview)
      // One look will do for what only calibrates the tiles.
      let coarse = CoarseHeights(model: model, ensemble: nil, sight: sight)
      try await ModelPass(
        store: store, stage: .overview, share: resources.coarse, values: coarse.heights
      ).run(overview.wanted, progress: progress)
      clock.lap("overview")
    }
    let sight = TileSight(
      source: CalibratedScene(scene, plan.radiometry, turn: plan.turn), level: plan.working)
    let coarse = CoarseHeights(model: model, ensemble: plan.ensemble, sight: sight)
    try await ModelPass(
      store: store, stage: .coarse, share: resources.coarse, keepsSpread: keepsSpreads,
      values: coarse.heights
    ).run(plan.working.wanted, progress: progress)
    clock.lap("coarse")
    let rulers = try await rulers(of: store)
    clock.lap("align")
    if let refinement = plan.refinement, let refiner = model.refiner {
      let refine = TileRefinement(
        refiner: refiner, options: refinement,
        surface: CoarseSurface(plan: plan, store: store, rulers: rulers, model: model))
      try await self.refine(by: refine, sight, in: store, progress: progress)
      clock.lap("refine")
    }
    let failedTiles = try failedTiles(in: store, rulers)

    let description = try description()
    var writer = try RasterWriter(
      creating: output.path, scratchDirectory: output.storeFolder,
      partDirectory: output.storeFolder, description)
    let confidence = try ConfidenceWriter(
      output, beside: description, metadata: provenance.tagsBeside())
    var merge = Merge(
      plan: plan, source: scene, store: store, rulers: plan.refinement == nil ? rulers : nil,
      noData: Self.noData)
    if confidence != nil {
      merge.flat = try FlatTiles(plan: plan, store: store, rulers: rulers, model: model)()
      merge.hasSpreads = keepsSpreads
    }
    let merged = try await merge.run(into: &writer, confidence, progress: progress)
    guard merged.validPixels > 0 else {
      throw SceneError(
        .badData,
        "no pixel of the area \(plan.area) is valid: choose another with --window or --bbox")
    }
    try writer.addMetadata(provenance.tag(holes: merged.holes, failedTiles: failedTiles))
    clock.lap("merge")
    let beside = confidence?.count ?? 0
    let finishing = { (number: Int, share: Double) in
      progress(.finishing((Double(number) + share) / Double(beside + 1)))
      return !Task.isCancelled
    }
    // All are whole before the first appears, and the output is the last to.
    let told = try confidence?.verified(progress: finishing) ?? []
    let whole = try writer.verified { finishing(beside, $0) }
    try await scene.requireUnchanged()
    let rasters = try told.map { try $0.commit() }
    let written = try whole.commit()
    clock.lap("finish")

    let pictures = try output.writePictures(of: written, plan: plan.hash)
    let companions = rasters.flatMap { [$0.path] + $0.sidecars } + pictures
    let states = try plan.outputTiles.map { try store.state(of: $0, in: plan.outputStage) }
    let kept = failedTiles.isEmpty ? output.removeStore { try store.remove() } : []
    let (audit, refusal) = Self.audit(of: written)
    let stray = output.strayConfidence(plan: try plan.hash).map {
      "\($0) is about another raster that was here before, not about this one"
    }
    clock.lap("audit")
    return SceneReport(
      output: written, companions: companions,
      tilesDone: states.count { $0 == .done },
      tilesSkipped: states.count { if case .skipped = $0 { true } else { false } }
        + plan.emptyTileCount,
      failedTiles: failedTiles, validPixels: merged.validPixels, holes: merged.holes,
      audit: audit, warnings: plan.warnings + kept + refusal + stray, seconds: clock.laps)
  }

  /// The audit of the finished output, or a warning: whatever becomes of it, the output is there.
  static func audit(of output: WrittenRaster) -> (SeamAudit?, warnings: [String]) {
    do {
      return (try SeamAudit(of: output.path), [])
    } catch {
      return (nil, ["the seams of the output were not looked at: \(error)"])
    }
  }

  /// No height of the Earth, and far from any relative one.
  private static let noData: Float = -9999

  private func description() throws -> RasterDescription {
    var description = RasterDescription(
      width: plan.area.width, height: plan.area.height,
      georeferencing: scene.information.georeferencing.cropped(to: plan.area))
    description.noData = Self.noData
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
    description.overwrite = output.mayReplace(output.path)
    return description
  }

  /// Whether the spreads of an ensemble are told of, and so kept with the tiles.
  var keepsSpreads: Bool { output.confidence.contains(.spread) }

  private var provenance: Provenance {
    Provenance(plan: plan, model: model, version: Self.version)
  }
}

/// Wall time of the parts of a run, one after the other.
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
