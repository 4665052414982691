import Foundation
import Rasters

/// The same command after a run that has ended.
extension SceneRun {
  /// The report of an output of this plan that is there already; nil where there is something to compute.
  ///
  /// A style or picture that is missing is made again, and a store that a killed run has left is removed. Failed tiles
  /// whose store is still there are something to compute.
  ///
  /// - Throws: `SceneError` if the output has holes and nothing is kept to fill them, if rasters of confidence are
  ///   missing and the tiles are gone, or if the output cannot be read.
  public func alreadyDone() throws -> SceneReport? {
    let hash = try plan.hash
    guard !output.overwrites,
      case .relief(plan: hash, holes: let holes) = try FileOrigin(of: output.path)
    else { return nil }
    let hasTiles = try FolderTileStore.isUnfinished(plan, in: output.storeFolder)
    if let holes {
      guard !hasTiles else { return nil }
      throw SceneError(
        .badData,
        "\(output.path) is done by this plan, with holes: \(holes)\n"
          + "its tiles are gone, so none can be tried again: --overwrite computes all of them anew")
    }
    for (_, file) in output.confidencePaths
    where try FileOrigin(of: file) != .relief(plan: hash, holes: nil) {
      guard !hasTiles else { return nil }
      throw SceneError(
        .cannotCreate,
        "\(output.path) is done by this plan, but \(file) is not there and the tiles are gone: "
          + "leave out --confidence, or give --overwrite to compute all anew")
    }
    let written: WrittenRaster
    do {
      written = try WrittenRaster(existing: output.path)
    } catch {
      throw SceneError(
        .badData,
        "\(output.path) was written by this plan and cannot be read: \(error)\n"
          + "--overwrite computes it anew")
    }
    let missing = try output.pictures.filter { try FileOrigin(of: $0) == .absent }
    let made = try output.writePictures(of: written, plan: hash, only: missing)
    let kept = output.removeStore {
      try FolderTileStore.removeFinished(output.storeFolder, of: plan) { output.removeLeftovers() }
    }
    let (audit, refusal) = Self.audit(of: written)
    var report = SceneReport(
      output: written, companions: written.sidecars + made, audit: audit,
      warnings: plan.warnings + ["\(output.path) is done already, by this plan"] + kept + refusal,
      seconds: [])
    report.wasAlreadyDone = true
    report.validPixels = written.statistics?.validCount ?? 0
    return report
  }
}
