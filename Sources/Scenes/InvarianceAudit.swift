public import DepthModels
import Foundation
import Grids
import Rasters
import Surfaces

/// Runs a scene again to see how far its heights hang on how they were made.
///
/// Three runs by the options of the first: with tiles that begin half a stride earlier; of the middle half along each
/// axis alone; and of that once more with another number of threads. Heights of one scene share a ruler, so they are
/// compared as they are.
///
///     let audit = try await InvarianceAudit(of: "relief.tif", scene: scene, model: model)
///     let report = try await audit()
///
/// The runs lie in the folder `NAME.invariance` beside the raster, so that an audit that was cancelled or killed goes
/// on when it is started again. Together they take as long as one and a half runs, up to three where the raster has
/// few tiles, and as much of the disk until the end. Memory is that of a run.
public struct InvarianceAudit: Sendable {
  /// The raster that is audited.
  public let dem: String
  /// How it was made, by its tags and the options given.
  public let plan: ScenePlan
  /// The same with its tiles half a stride earlier; nil where the scene is one tile, which can't be moved so far.
  public let halfStride: ScenePlan?
  /// The same of the middle half along each axis.
  public let part: ScenePlan
  /// Where the runs lie until the audit has ended.
  public let folder: String
  public let resources: Resources
  private let scene: SceneSource
  private let model: any TileModel
  private let options: SceneOptions
  private let notes: [String]

  /// What is run again.
  public enum Rerun: String, Sendable, CaseIterable {
    case halfStride, part, threads
  }

  /// What an audit tells while it goes on.
  public enum Progress: Sendable {
    case running(Rerun, RunProgress)
    /// The share of a comparison that is done, 0…1.
    case comparing(Rerun, Double)
  }

  /// Called on any thread, one call at a time.
  public typealias Handler = @Sendable (Progress) -> Void

  /// Makes sure that the raster was made of this scene, by this network and these options, before anything is run.
  ///
  /// What part of the scene it shows, and whether heights or depths, its tags tell: `options` need not.
  ///
  /// - Throws: `RasterError` if the raster can't be read; `SceneError` if it is no output of relief, or names each tag
  ///   in which it differs from what the options give; otherwise as `ScenePlan` and `Resources`.
  public init(
    of dem: String, scene: SceneSource, model: any TileModel, options: SceneOptions = .init()
  ) async throws {
    let dataset = try Dataset(reading: dem)
    let tags = dataset.metadata()
    guard tags[Provenance.planTag] != nil,
      let tiling = try TileTags(tags, width: dataset.width, height: dataset.height, path: dem)
    else {
      throw SceneError(
        .badData,
        "\(dem) is no output of relief, or of an early version: expected its tags \(Provenance.planTag), "
          + "RELIEF_TILES, RELIEF_LATTICE and RELIEF_AREA")
    }
    let size = (scene.grid.width, scene.grid.height)
    guard size == (tiling.scene.width, tiling.scene.height) else {
      throw SceneError(
        .usage,
        "\(dem) is of another scene: RELIEF_AREA is “\(tags["RELIEF_AREA"] ?? "")”, but "
          + "\(scene.path) has \(size.0) × \(size.1) pixels")
    }
    var options = options
    options.area = .window(tiling.area)
    options.quantity = tags["POSITIVE"] == "down" ? .depth : .height
    plan = try await ScenePlan(scene, model: model, options: options)
    let provenance = Provenance(plan: plan, model: model, version: SceneRun.version)
    let differences = try provenance.differences(from: tags)
    guard differences.isEmpty else {
      throw SceneError(
        .usage,
        (["\(dem) was made otherwise, so nothing can be said about it; in its tags"]
          + differences.map { "  \($0.text)" }).joined(separator: "\n"))
    }
    notes = try provenance.notes(on: tags)

    var shifted = options
    shifted.shiftsTiles.toggle()
    halfStride =
      plan.working.tiles.count > 1
      ? try await ScenePlan(scene, model: model, options: shifted) : nil
    var partial = options
    partial.area = .window(Self.middleHalf(of: tiling.area))
    part = try await ScenePlan(scene, model: model, options: partial)

    resources = try Resources(for: plan, model: model, options: options)
    folder = OutputOptions(dem).stem + ".invariance"
    (self.dem, self.scene, self.model, self.options) = (dem, scene, model, options)
  }

  /// Half as wide and half as high, at least a pixel.
  private static func middleHalf(of area: Window) -> Window {
    let (width, height) = (max(1, area.width / 2), max(1, area.height / 2))
    return Window(
      column: area.column + (area.width - width) / 2, row: area.row + (area.height - height) / 2,
      width: width, height: height)
  }

  /// Does it.
  ///
  /// The folder of the runs is gone afterwards, unless a tile failed, which is then tried again, or bits differ, which
  /// somebody will want to look at.
  ///
  /// - Throws: `RasterError`, `SceneError` if the raster has no height, whatever a run throws, or `CancellationError`.
  public func callAsFunction(progress: @escaping Handler = { _ in }) async throws
    -> InvarianceReport
  {
    guard let range = try range() else {
      throw SceneError(.badData, "\(dem) has no pixel with a height: there is nothing to compare")
    }
    let folder = try InvarianceFolder(self.folder)
    do {
      let report = try await report(range: range, progress)
      if report.failedTiles.isEmpty && report.keepsBits { try folder.remove() }
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
      let seen = try await change(by: part, .part, progress)
      threads = try await self.threads(against: seen, progress)
      partial = seen
    }
    return InvarianceReport(
      range: range, halfStride: shifted, part: partial, threads: threads, warnings: notes)
  }

  /// Runs a plan and holds its heights against the raster's.
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

  /// Runs the part with one thread, or with two where it had one, and holds bits against bits.
  private func threads(
    against first: InvarianceReport.Change, _ progress: @escaping Handler
  ) async throws -> InvarianceReport.Threads {
    let (all, other) = (resources.threads, resources.threads == 1 ? 2 : 1)
    let failedTiles = try await run(part, .threads, threads: other, progress)
    // The surface is laid through all tiles that there are.
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

  /// Brings the output of a plan about; a whole one of an interrupted audit is taken as it is.
  ///
  /// - Returns: the tiles that failed.
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

  /// The 5th to the 95th percentile of the raster's heights; nil where it has none.
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
  /// Which tile it is, whatever the reason.
  fileprivate var place: String { "\(stage.rawValue) \(tile.row) \(tile.column)" }
}
