import DepthModels
import Foundation
import Grids
import Scenes
import Tensors

/// A plan and, where it is known, its forecast in a few lines of words.
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
        + (radiometry.step > 1 ? ", from one row and column in \(radiometry.step)" : ""),
      "sun       \(plan.sun?.description ?? "nothing says where it stood"); "
        + (plan.turn == .identity
          ? "the scene is seen as it is" : "the scene is seen turned: \(plan.turn)"),
      "seen as   \(plan.working.lattice.width) × \(plan.working.lattice.height) pixels"
        + (plan.working.gsd.map { String(format: " of %.2f m", $0) } ?? ""),
      "tiles     \(plan.working.wanted.count) of \(tiles.tileWidth) × \(tiles.tileHeight), overlap \(tiles.overlap)"
        + (plan.overview.map { "; overview \($0.wanted.count)" } ?? ""),
    ]
    if let ensemble = plan.ensemble {
      lines.append("ensemble  each coarse tile is seen at \(ensemble.rawValue) pixel sizes")
    }
    if let refinement = plan.refinement {
      lines.append(
        "refined   \(plan.outputTiles.count) tiles in \(refinement.steps) steps"
          + (plan.joint != nil
            ? ", side by side" : plan.normalization == .perTile ? ", each by itself" : ""))
    }
    if let forecast { lines.append(Self.line(forecast)) }
    lines += plan.warnings.map { "note      \($0)" }
    self.lines = lines
  }

  /// What a run takes.
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
  /// Each element once, in the order of first appearance.
  func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
