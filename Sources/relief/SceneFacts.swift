import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// A group of facts that `info` prints, as text lines and as JSON.
struct SceneFacts {
  let lines: [String]
  let object: [String: Any]

  /// The facts of a scene, from its metadata.
  init(_ scene: SceneSource.Information, at path: String, _ lines: [String]) {
    self.lines = lines
    let place = scene.georeferencing
    let size = scene.groundSampleDistance
    object = [
      "scene": path, "format": scene.driver, "width": scene.grid.width,
      "height": scene.grid.height, "files": scene.files,
      "crs": (place.crs ?? place.groundControlCRS).map { ($0.authority ?? $0.name) as Any }
        ?? NSNull(),
      "geoTransform": place.geoTransform.map { $0.coefficients as Any } ?? NSNull(),
      "pixelSize": size.map { [$0.x, $0.y] as Any } ?? NSNull(),
      "bands": scene.bands.map { band in
        [
          "number": band.number, "type": band.sampleType.name, "description": band.description,
          "unit": band.unit, "noData": AuditSummary.number(band.noData),
        ] as [String: Any]
      },
    ]
  }

  /// The facts of a model bundle.
  init(_ card: ModelCard, bundle: String) {
    lines = ["bundle    \(card.name), \(card.status.rawValue)"]
    object = [
      "bundle": ["name": card.name, "status": card.status.rawValue, "sha256": bundle]
    ]
  }

  /// The facts of a plan.
  init(_ plan: ScenePlan) {
    lines = PlanSummary(plan, nil).lines
    let (tiles, lattice) = (plan.working.tiles, plan.working.lattice)
    let area = plan.area
    object = [
      "warnings": plan.warnings,
      "plan": [
        "window": [area.column, area.row, area.width, area.height],
        "bands": plan.bands.channels, "bandsReason": plan.bands.reason.rawValue,
        "sunAzimuth": AuditSummary.number(plan.sun?.degrees),
        "sun": plan.sun.map { $0.description as Any } ?? NSNull(), "turn": plan.turn.description,
        "stretch": "\(plan.stretch)", "low": plan.radiometry.low, "high": plan.radiometry.high,
        "width": lattice.width, "height": lattice.height,
        "gsd": AuditSummary.number(plan.working.gsd), "tiles": plan.working.wanted.count,
        "tileWidth": tiles.tileWidth, "tileHeight": tiles.tileHeight, "overlap": tiles.overlap,
        "overviewTiles": plan.overview?.wanted.count ?? 0,
        "refinedTiles": plan.refinement == nil ? 0 : plan.outputTiles.count,
        "steps": plan.refinement?.steps ?? 0, "stages": plan.networkStages.map(\.rawValue),
      ] as [String: Any],
    ]
  }

  /// The facts of a forecast.
  init(_ forecast: Forecast) {
    lines = [PlanSummary.line(forecast)]
    object = [
      "forecast": [
        "memory": forecast.memory, "disk": forecast.disk,
        "seconds": AuditSummary.number(forecast.seconds),
      ] as [String: Any]
    ]
  }
}
