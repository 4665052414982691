import Grids
import TileModels
import Foundation
import Rasters
import Tensors

/// The tags of an output that describe the origin and the meaning of its values.
///
/// File names of the scene and the bundle are stored without their folders, because outputs are passed on to others.
struct Provenance {
  let plan: ScenePlan
  let model: any TileModel
  let version: String

  /// The tag with the hash of an output's plan.
  static let planTag = "RELIEF_PLAN_SHA256"

  /// All tags of the output.
  func tags() throws -> [String: String] {
    var tags = [
      "HEIGHT": "relative",
      "POSITIVE": plan.quantity == .height ? "up" : "down",
      "SURFACE": model.card.surface,
      "RELIEF_VERSION": version,
      "RELIEF_MODEL": model.card.name,
      "RELIEF_MODEL_SHA256": model.identity,
      "RELIEF_STAGES": plan.refinement == nil ? "coarse" : "coarse, refined",
      "RELIEF_NORMALIZATION": plan.normalization.rawValue,
      Self.planTag: try plan.hash,
      "RELIEF_SCENE": Self.name(of: plan.scene.path),
      "RELIEF_SCENE_SHA256": plan.scene.content.sha256,
      "RELIEF_BANDS": plan.bands.channels.map(String.init).joined(separator: ","),
      "RELIEF_STRETCH": stretch,
      "RELIEF_VALIDITY": plan.validityRule,
      "RELIEF_LIBRARIES": "GDAL \(GDAL.version), PROJ \(GDAL.projVersion)",
      "RELIEF_BLAS_CORE": BLAS.coreName,
      "RELIEF_CPU_LEVEL": CPU.kernelLevel,
    ]
    let tiling = TileTags(
      tiles: plan.working.tiles, scene: plan.sceneGrid, area: plan.area, turn: plan.turn)
    tags.merge(tiling.tags) { $1 }
    if let sun = plan.sun { tags["RELIEF_SUN_AZIMUTH"] = sun.description }
    if let resolution = model.card.effectiveResolutionInMeters, let gsd = plan.working.gsd {
      tags["EFFECTIVE_RESOLUTION"] = String(format: "%.1f m", max(resolution, gsd))
    }
    if let gsd = plan.working.gsd { tags["RELIEF_GSD"] = String(format: "%.3f m", gsd) }
    if model.card.status == .provisional {
      let halves = model.refiner == nil ? "coarse only, " : ""
      tags["RELIEF_MODEL_STATUS"] = halves + "provisional"
    }
    if let refinement = plan.refinement {
      tags["RELIEF_STEPS"] =
        "\(refinement.steps)" + (refinement.stopsAtOne ? ", stopped at one" : "")
        + (refinement.samplesPosterior ? ", latents sampled" : "")
        + (plan.joint != nil ? ", tiles side by side" : "")
    }
    if let number = plan.fileOverview { tags["RELIEF_FILE_OVERVIEW"] = "\(number)" }
    if let ensemble = plan.ensemble { tags["RELIEF_ENSEMBLE"] = "\(ensemble.rawValue)" }
    if !plan.warnings.isEmpty { tags["RELIEF_WARNINGS"] = plan.warnings.joined(separator: "; ") }
    return tags
  }

  /// The tags of a quality layer, which identify the output that it belongs to.
  func layerTags() throws -> [String: String] {
    [Self.planTag: try plan.hash, "RELIEF_VERSION": version]
  }

  /// The tags in which heights in meters differ from relative ones.
  func anchorTags(_ anchor: AnchorPlan) -> [String: String] {
    var tags = [
      "HEIGHT": "anchored", "POSITIVE": "up",
      "RELIEF_REFERENCE": Self.name(of: anchor.reference),
      "RELIEF_REFERENCE_SHA256": anchor.sha256,
      "RELIEF_REFERENCE_VERTICAL": anchor.source.description,
      "RELIEF_CELLS": String(
        format: "%d x %d of %d pixels, %.2f m", anchor.lattice.cells.width,
        anchor.lattice.cells.height, anchor.lattice.factor, anchor.cellSize),
      "VERTICAL_DATUM": anchor.output.description,
    ]
    if let light = anchor.lightText { tags["RELIEF_LIGHT"] = light }
    if let shift = anchor.shiftText { tags["RELIEF_SHIFT"] = shift }
    return tags
  }

  /// The tag of an incomplete output, with the number of missing pixels and the failed tiles with their reasons.
  func tag(holes: Int, failedTiles: [FailedTile]) -> [String: String] {
    guard holes > 0 || !failedTiles.isEmpty else { return [:] }
    let texts = ["\(holes) pixels"] + failedTiles.texts
    return [
      "RELIEF_HOLES": texts.joined(separator: "; ").replacingOccurrences(
        of: plan.scene.path, with: Self.name(of: plan.scene.path))
    ]
  }

  /// The last component of a path, without the query of a URL, which may contain a signature.
  static func name(of path: String) -> String {
    (String(path.prefix { $0 != "?" }) as NSString).lastPathComponent
  }

  /// The stretch and the sample ranges that it maps to 0…255.
  private var stretch: String {
    let radiometry = plan.radiometry
    let ranges = zip(radiometry.low, radiometry.high).map { "\($0)…\($1)" }
    return "\(plan.stretch) = \(Set(ranges).count == 1 ? ranges[0] : ranges.joined(separator: " "))"
  }
}
