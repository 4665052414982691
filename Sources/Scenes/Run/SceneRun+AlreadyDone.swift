import Foundation
import Rasters

/// Handles a repeated run whose output already exists.
extension SceneRun {
  /// Returns the report of an existing output of this plan; nil if there is something to compute.
  ///
  /// A missing style or image is written again, and a store left by a killed run is removed. Failed tiles whose store
  /// still exists are something to compute.
  ///
  /// - Throws: `SceneError` if the output has holes but the tiles are gone, if quality layers are missing but the tiles
  ///   are gone, or if the output cannot be read.
  public func alreadyDone() throws -> SceneReport? {
    let hash = try plan.hash
    guard !output.overwrites,
      case .relief(plan: hash, holes: let holes) = try FileOrigin(of: output.path)
    else { return nil }
    let hasTiles = try RunStore.isUnfinished(plan, in: output.tiles)
    if let holes {
      guard !hasTiles else { return nil }
      throw SceneError(
        .badData,
        "\(output.path) is already done by this plan, with holes: \(holes)\n"
          + "its tiles are gone, so the failed ones cannot be retried: --overwrite computes all tiles again"
      )
    }
    for file in output.confidencePaths.map(\.path) + output.demRasters
    where try FileOrigin(of: file) != .relief(plan: hash, holes: nil) {
      guard !hasTiles else { return nil }
      throw SceneError(
        .cannotCreate,
        "\(output.path) is already done by this plan, but \(file) is missing and the tiles are gone: "
          + "leave out what asks for it, or use --overwrite to compute all tiles again")
    }
    let written: WrittenRaster
    do {
      written = try WrittenRaster(existing: output.path)
    } catch {
      throw SceneError(
        .badData,
        "\(output.path) was written by this plan but cannot be read: \(error)\n"
          + "--overwrite computes it again")
    }
    let missing = try output.pictures.filter { try FileOrigin(of: $0) == .absent }
    var made = try output.writePictures(of: written, plan: hash, only: missing)
    let dem = output.writesDEM ? try WrittenRaster(existing: output.demPath) : nil
    if let dem {
      let missing = try output.demPictures.filter { try FileOrigin(of: $0) == .absent }
      made += try output.writePictures(of: dem, plan: hash, only: missing)
    }
    let kept = output.removeStore {
      if let store = output.store {
        if hasTiles { try store.remove() }
      } else {
        try FolderTileStore.removeFinished(output.storeFolder, of: plan) {
          output.removeLeftovers()
        }
      }
    }
    let (audit, refusal) = Self.audit(of: written)
    var report = SceneReport(
      output: written, companions: written.sidecars + made, audit: audit,
      warnings: plan.warnings + ["\(output.path) is already done by this plan"] + kept + refusal,
      seconds: [])
    report.wasAlreadyDone = true
    report.dem = dem
    report.validPixels = written.statistics?.validCount ?? 0
    return report
  }
}
