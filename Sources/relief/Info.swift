import ArgumentParser
import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// The command `relief info SCENE`, which describes a scene and the plan for it.
struct Info: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Describes a scene, what infer would do with it, and the resources that this would need.",
    discussion: "Takes the same options as infer. Writes no files.")

  @OptionGroup var arguments: SceneArguments

  @Flag(
    help: """
      Print one JSON object instead of text. If infer would fail, the object has the key “error” next to all facts \
      found before.
      """)
  var json = false

  func run() async throws {
    guard json else {
      return try await forEachFact { facts in for line in facts.lines { Console.output(line) } }
    }
    var object: [String: Any] = [:]
    defer { ProgressLine.emit(object) }
    do {
      try await forEachFact { object.merge($0.object) { $1 } }
    } catch {
      object["error"] = Outcome(of: error).object
      throw error
    }
  }

  /// Calls `show` with each group of facts as it becomes known, so that those before an error are shown.
  private func forEachFact(_ show: (SceneFacts) -> Void) async throws {
    let information = try arguments.information()
    show(
      SceneFacts(information, at: arguments.scene, Self.describe(information, at: arguments.scene)))
    let model = try arguments.loadModel()
    show(SceneFacts(model.card, bundle: model.identity))
    let scene = try arguments.open()
    let options = try arguments.options
    let printer = ProgressPrinter(isatty(STDERR_FILENO) == 1 ? .auto : .none)
    let plan = try await ScenePlan.make(for: scene, model: model, options: options) {
      printer.update(.measuring($0))
    }
    show(SceneFacts(plan))
    let resources = try Resources(for: plan, model: model, options: options)
    show(SceneFacts(Forecast(plan, model: model, resources: resources)))
  }

  /// The metadata of a scene, one fact per line.
  static func describe(_ information: SceneSource.Information, at path: String) -> [String] {
    let georeferencing = information.georeferencing
    var lines = [
      "scene     \(path)",
      "format    \(information.driver), \(information.grid.width) × \(information.grid.height) pixels",
    ]
    switch georeferencing.kind {
    case .map:
      lines.append("CRS       " + (georeferencing.crs.map(Self.name) ?? "none"))
    case .groundControl:
      lines.append(
        "CRS       \(georeferencing.groundControlPoints.count) ground control points in "
          + (georeferencing.groundControlCRS.map(Self.name) ?? "an unknown CRS"))
    case .rationalPolynomial: lines.append("CRS       RPC sensor model only")
    case .none: lines.append("CRS       no georeferencing")
    }
    if let transform = georeferencing.geoTransform {
      lines.append(
        "transform " + transform.coefficients.map { "\($0)" }.joined(separator: ", "))
    }
    if let gsd = information.groundSampleDistance {
      lines.append(String(format: "pixel     %.3f × %.3f m at the center", gsd.x, gsd.y))
    }
    lines.append(BandSelection.list(information.bands))
    return lines
  }

  /// The authority code and name of a CRS.
  private static func name(of crs: CRS) -> String {
    [crs.authority, crs.name].compactMap { $0 }.joined(separator: ", ")
  }
}
