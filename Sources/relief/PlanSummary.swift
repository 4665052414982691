import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A plan and its forecast in a few lines of words.
struct PlanSummary {
  let lines: [String]

  init(_ plan: ScenePlan, _ forecast: Forecast) {
    let tiles = plan.working.tiles
    let radiometry = plan.radiometry
    var lines = [
      "bands     \(plan.bands.channels.map(String.init).joined(separator: ",")) "
        + plan.bands.reason.rawValue,
      "stretch   \(plan.stretch): "
        + zip(radiometry.low, radiometry.high).map { "\($0)…\($1)" }.uniqued()
        .joined(separator: ", ")
        + (radiometry.step > 1 ? ", from one row and column in \(radiometry.step)" : ""),
      "sun       \(plan.sun?.description ?? "nothing says where it stood"); "
        + (plan.turn == .identity
          ? "the scene is seen as it is" : "the scene is seen turned: \(plan.turn)"),
      "seen as   \(plan.working.lattice.width) × \(plan.working.lattice.height) pixels"
        + (plan.working.gsd.map { String(format: " of %.2f m", $0) } ?? ""),
      "tiles     \(forecast.tiles) of \(tiles.tileWidth) × \(tiles.tileHeight), overlap \(tiles.overlap)"
        + (forecast.overviewTiles > 0 ? "; overview \(forecast.overviewTiles)" : ""),
    ]
    if let ensemble = plan.ensemble {
      lines.append("ensemble  each coarse tile is seen at \(ensemble.rawValue) pixel sizes")
    }
    if let refinement = plan.refinement {
      lines.append(
        "refined   \(forecast.refinedTiles) tiles in \(refinement.steps) steps"
          + (plan.joint != nil
            ? ", side by side" : plan.normalization == .perTile ? ", each by itself" : ""))
    }
    var needs = [
      "memory \(Resources.text(forecast.memory))", "disk \(Resources.text(forecast.disk))",
    ]
    if let seconds = forecast.seconds { needs.append("about \(Self.time(seconds)) of inference") }
    lines.append("forecast  " + needs.joined(separator: ", "))
    lines += plan.warnings.map { "note      \($0)" }
    self.lines = lines
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
  /// Each element once, in the order of first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
