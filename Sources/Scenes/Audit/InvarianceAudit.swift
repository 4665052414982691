public import TileModels
import Foundation
import Grids
import Rasters
import Surfaces

/// Reruns a scene to measure how much its heights depend on the tile grid, the requested area, and the thread count.
///
/// There are three reruns with the options of the original run: with tiles that begin half a stride earlier; on only
/// the middle half along each axis; and on that part again with another number of threads. All heights of one scene
/// have the same calibration, so they are compared without a fit.
///
///     let audit = try await InvarianceAudit.prepare(of: "relief.tif", scene: scene, model: model)
///     let report = try await audit()
///
/// The reruns are stored in the folder `NAME.invariance` next to the raster, so that a canceled or killed audit resumes
/// when it is started again. Together they take as much time and disk space as one and a half runs, or up to three if
/// the raster has few tiles. Disk space is used until the audit ends. Memory is that of one run.
public struct InvarianceAudit: Sendable {
  /// The path of the audited raster.
  public let dem: String
  /// The plan of the raster, from its tags and the given options.
  public let plan: ScenePlan
  /// The plan with tiles that begin half a stride earlier; nil if the scene is one tile, which cannot be moved so far.
  public let halfStride: ScenePlan?
  /// The plan for the middle half along each axis.
  public let part: ScenePlan
  /// The folder of the reruns, until the audit has ended.
  public let folder: String
  /// The resources of each rerun.
  public let resources: Resources
  private let scene: SceneSource
  private let model: any TileModel
  private let options: SceneOptions
  private let notes: [String]

  /// A rerun of the scene.
  public enum Rerun: String, Sendable, CaseIterable {
    /// All of the area, with tiles that begin half a stride earlier.
    case halfStride
    /// The middle half along each axis.
    case part
    /// The same part with another number of threads.
    case threads
  }

  /// The progress of an audit.
  public enum Progress: Sendable {
    /// The progress of a rerun.
    case running(Rerun, RunProgress)
    /// The completed fraction of a comparison, 0…1.
    case comparing(Rerun, Double)
  }

  /// A progress handler, called on any thread, one call at a time.
  public typealias Handler = @Sendable (Progress) -> Void

  /// Prepares an audit, and verifies that the raster was made from this scene with this network and these options.
  ///
  /// The area and the quantity (height or depth) come from the raster's tags, so `options` need not give them.
  ///
  /// - Parameters:
  ///   - dem: The path of the raster.
  ///   - scene: The scene that it was made from.
  ///   - model: The network that made it.
  ///   - options: The options of the original run.
  /// - Returns: The audit.
  /// - Throws: `RasterError` if the raster cannot be read; `SceneError` if it is not an output of relief, or with each
  ///   tag that differs from the options; the errors of `ScenePlan` and `Resources`.
  public static func prepare(
    of dem: String, scene: SceneSource, model: any TileModel, options: SceneOptions = .init()
  ) async throws -> InvarianceAudit {
    let dataset = try Dataset(reading: dem)
    let tags = dataset.metadata()
    guard tags[Provenance.planTag] != nil,
      let tiling = try TileTags(tags, width: dataset.width, height: dataset.height, path: dem)
    else {
      throw SceneError(
        .badData,
        "\(dem) is not an output of relief, or is from an early version: expected the tags \(Provenance.planTag), "
          + "RELIEF_TILES, RELIEF_LATTICE and RELIEF_AREA")
    }
    let size = (scene.grid.width, scene.grid.height)
    guard size == (tiling.scene.width, tiling.scene.height) else {
      throw SceneError(
        .usage,
        "\(dem) is from another scene: its RELIEF_AREA is “\(tags["RELIEF_AREA"] ?? "")”, but "
          + "\(scene.path) has \(size.0) × \(size.1) pixels")
    }
    var options = options
    options.area = .window(tiling.area)
    options.quantity = tags["POSITIVE"] == "down" ? .depth : .height
    let plan = try await ScenePlan.make(for: scene, model: model, options: options)
    let provenance = Provenance(plan: plan, model: model, version: SceneRun.version)
    let differences = try provenance.differences(from: tags)
    guard differences.isEmpty else {
      throw SceneError(
        .usage,
        (["\(dem) was made with other options, so it cannot be audited; its tags differ:"]
          + differences.map { "  \($0.text)" }).joined(separator: "\n"))
    }
    let notes = try provenance.notes(on: tags)

    var shifted = options
    shifted.shiftsTiles.toggle()
    let halfStride =
      plan.working.tiles.count > 1
      ? try await ScenePlan.make(for: scene, model: model, options: shifted) : nil
    var partial = options
    partial.area = .window(middleHalf(of: tiling.area))
    let part = try await ScenePlan.make(for: scene, model: model, options: partial)

    return InvarianceAudit(
      dem: dem, plan: plan, halfStride: halfStride, part: part,
      folder: OutputOptions(dem).stem + ".invariance",
      resources: try Resources(for: plan, model: model, options: options), scene: scene,
      model: model, options: options, notes: notes)
  }

  /// The centered window of half the width and half the height, at least one pixel each.
  private static func middleHalf(of area: Window) -> Window {
    let (width, height) = (max(1, area.width / 2), max(1, area.height / 2))
    return Window(
      column: area.column + (area.width - width) / 2, row: area.row + (area.height - height) / 2,
      width: width, height: height)
  }

  /// Runs the audit and returns a report.
  ///
  /// The folder of the reruns is removed afterwards. It is kept if a tile failed, so that the tile can be retried, or
  /// if heights are not bit-identical, so that they can be inspected.
  ///
  /// - Parameter progress: Called with the progress.
  /// - Returns: The report.
  /// - Throws: `RasterError`, `SceneError` if the raster has no height, any error of a run, or `CancellationError`.
  public func callAsFunction(progress: @escaping Handler = { _ in }) async throws
    -> InvarianceReport
  {
    guard let range = try range() else {
      throw SceneError(.badData, "\(dem) has no pixel with a height: there is nothing to compare")
    }
    let folder = try InvarianceFolder(self.folder)
    do {
      let report = try await report(range: range, progress)
      if report.failedTiles.isEmpty && report.isBitIdentical { try folder.remove() }
      return report
    } catch {
      folder.removeIfEmpty()
      throw error
    }
  }

  private func report(
    range: ClosedRange<Double>, _ progress: @escaping Handler
  ) async throws -> InvarianceReport {
    var (shifted, partial): (InvarianceReport.Change?, InvarianceReport.Change?)
    var threads: InvarianceReport.Threads?
    if let halfStride { shifted = try await change(by: halfStride, .halfStride, progress) }
    if try hasHeights(in: part.area.relative(to: plan.area)) {
      let change = try await change(by: part, .part, progress)
      threads = try await self.threads(against: change, progress)
      partial = change
    }
    return InvarianceReport(
      range: range, halfStride: shifted, part: partial, threads: threads, warnings: notes)
  }

  /// Runs a plan and compares its heights with the raster's.
  private func change(
    by plan: ScenePlan, _ rerun: Rerun, _ progress: @escaping Handler
  ) async throws -> InvarianceReport.Change {
    let threads = resources.threads
    let failedTiles = try await run(plan, rerun, threads: threads, progress)
    let heights = try HeightChange(
      from: dem, in: plan.area.relative(to: self.plan.area), to: path(of: rerun, threads: threads)
    ) { progress(.comparing(rerun, $0)) }
    return InvarianceReport.Change(area: plan.area, heights: heights, failedTiles: failedTiles)
  }

  /// Runs the part with one thread, or with two if it ran with one, and compares the results bit by bit.
  private func threads(
    against first: InvarianceReport.Change, _ progress: @escaping Handler
  ) async throws -> InvarianceReport.Threads {
    let (all, other) = (resources.threads, resources.threads == 1 ? 2 : 1)
    let failedTiles = try await run(part, .threads, threads: other, progress)
    // The surface depends on all available tiles, so the same tiles must have failed in both runs.
    let isSame = Set(first.failedTiles.map(\.place)) == Set(failedTiles.map(\.place))
    let bits =
      isSame
      ? try BitComparison(path(of: .part, threads: all), path(of: .threads, threads: other)) {
        progress(.comparing(.threads, $0))
      } : nil
    return InvarianceReport.Threads(
      first: all, second: other, bits: bits, failedTiles: failedTiles)
  }

  private func path(of rerun: Rerun, threads: Int) -> String {
    folder + "/" + InvarianceFolder.name(of: rerun, threads: threads) + ".tif"
  }

  /// Creates the output of a plan; reuses a complete output of an interrupted audit.
  ///
  /// - Returns: The tiles that failed.
  private func run(
    _ plan: ScenePlan, _ rerun: Rerun, threads: Int, _ progress: @escaping Handler
  ) async throws -> [FailedTile] {
    var output = OutputOptions(path(of: rerun, threads: threads))
    try output.replaceOtherPlans(than: plan)
    output.writesStyle = false
    var options = options
    options.threads = threads
    let run = try SceneRun(plan, scene: scene, model: model, options: options, output: output)
    return try await run { progress(.running(rerun, $0)) }.failedTiles
  }

  /// The 5th to the 95th percentile of the raster's heights; nil if it has no heights.
  private func range() throws -> ClosedRange<Double>? {
    let dataset = try Dataset(reading: dem)
    let found = try StreamedQuantiles.find([0.05, 0.95]) { take in
      for strip in dataset.grid.window.strips {
        try Task.checkCancellation()
        take(try dataset.heights(in: strip))
      }
    }
    return found.map { Double($0.values[0])...Double($0.values[1]) }
  }

  private func hasHeights(in window: Window) throws -> Bool {
    let dataset = try Dataset(reading: dem)
    return try window.strips.contains { strip in
      try dataset.heights(in: strip).contains { !$0.isNaN }
    }
  }
}

extension FailedTile {
  /// The identity of the tile, without the reason.
  fileprivate var place: String { "\(stage.rawValue) \(tile.row) \(tile.column)" }
}
