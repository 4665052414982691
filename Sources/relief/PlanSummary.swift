import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A plan and, if known, its forecast, as text lines.
struct PlanSummary {
  let lines: [String]

  init(_ plan: ScenePlan, _ forecast: Forecast?) {
    let tiles = plan.working.tiles
    let radiometry = plan.radiometry
    var lines = [
      "bands     \(plan.bands.channels.map(String.init).joined(separator: ",")) "
        + plan.bands.reason.rawValue,
      "stretch   \(plan.stretch): "
        + zip(radiometry.low, radiometry.high).map { "\($0)…\($1)" }.uniqued()
        .joined(separator: ", ")
        + (radiometry.step > 1 ? ", measured on one in \(radiometry.step) rows and columns" : ""),
      "sun       \(plan.sun?.description ?? "azimuth unknown"); "
        + (plan.turn == .identity
          ? "the scene is not turned" : "the scene is turned: \(plan.turn)"),
      "seen as   \(plan.working.lattice.width) × \(plan.working.lattice.height) pixels"
        + (plan.working.gsd.map { String(format: " of %.2f m", $0) } ?? ""),
      "tiles     \(plan.working.wanted.count) of \(tiles.tileWidth) × \(tiles.tileHeight), overlap \(tiles.overlap)"
        + (plan.overview.map { "; overview \($0.wanted.count)" } ?? "")
        + (plan.fileOverview.map { " from the file's overview \($0)" } ?? ""),
    ]
    if let ensemble = plan.ensemble {
      lines.append(
        "ensemble  the coarse network runs on each tile at \(ensemble.rawValue) pixel sizes")
    }
    if let refinement = plan.refinement {
      lines.append(
        "refined   \(plan.outputTiles.count) tiles in \(refinement.steps) steps"
          + (plan.joint != nil
            ? ", jointly" : plan.normalization == .perTile ? ", each independently" : ""))
    }
    if let forecast { lines.append(Self.line(forecast)) }
    lines += plan.warnings.map { "note      \($0)" }
    self.lines = lines
  }

  /// The forecast of a run as a text line.
  static func line(_ forecast: Forecast) -> String {
    var needs = [
      "memory \(Resources.text(forecast.memory))", "disk \(Resources.text(forecast.disk))",
    ]
    if let seconds = forecast.seconds { needs.append("about \(time(seconds)) of inference") }
    return "forecast  " + needs.joined(separator: ", ")
  }

  private static func time(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: String(format: "%.0f s", max(1, seconds))
    case ..<5400: String(format: "%.0f min", seconds / 60)
    default: String(format: "%.1f h", seconds / 3600)
    }
  }
}

extension Sequence where Element: Hashable {
  /// The distinct elements in the order of their first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
