import Grids
import DepthModels
import Foundation
import Rasters
import Tensors

/// Where the numbers come from and what they mean, as tags inside the output.
///
/// Names of the scene's and the bundle's files are kept without their folders: an output is passed on, a
/// folder is not.
struct Provenance {
  let plan: ScenePlan
  let model: any TileModel
  let version: String

  /// The tag that says which plan an output is of.
  static let planTag = "RELIEF_PLAN_SHA256"

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
    if let ensemble = plan.ensemble { tags["RELIEF_ENSEMBLE"] = "\(ensemble.rawValue)" }
    if !plan.warnings.isEmpty { tags["RELIEF_WARNINGS"] = plan.warnings.joined(separator: "; ") }
    return tags
  }

  /// The tags of a raster that tells something of the output: which output that is.
  func tagsBeside() throws -> [String: String] {
    [Self.planTag: try plan.hash, "RELIEF_VERSION": version]
  }

  /// The tag of an output that is not whole: how many pixels are missing, and each failed tile with its reason.
  func tag(holes: Int, failedTiles: [FailedTile]) -> [String: String] {
    guard holes > 0 || !failedTiles.isEmpty else { return [:] }
    let texts = ["\(holes) pixels"] + failedTiles.texts
    return [
      "RELIEF_HOLES": texts.joined(separator: "; ").replacingOccurrences(
        of: plan.scene.path, with: Self.name(of: plan.scene.path))
    ]
  }

  /// The last part of a path, without the query of a URL, which may hold a signature.
  static func name(of path: String) -> String {
    (String(path.prefix { $0 != "?" }) as NSString).lastPathComponent
  }

  private var stretch: String {
    let radiometry = plan.radiometry
    let ranges = zip(radiometry.low, radiometry.high).map { "\($0)…\($1)" }
    return "\(plan.stretch) = \(Set(ranges).count == 1 ? ranges[0] : ranges.joined(separator: " "))"
  }
}
