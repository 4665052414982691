import ArgumentParser
import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// `relief info SCENE`.
struct Info: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says what a scene is, what infer would do with it, and what that would take.",
    discussion: "Takes the same options as infer and changes nothing.")

  @OptionGroup var arguments: SceneArguments

  @Flag(
    help: """
      One JSON object, for programs. What infer would refuse is its “error”, beside all facts known before.
      """)
  var json = false

  func run() async throws {
    guard json else {
      return try await find { facts in for line in facts.lines { Console.output(line) } }
    }
    var object: [String: Any] = [:]
    defer { ProgressLine.emit(object) }
    do {
      try await find { object.merge($0.object) { $1 } }
    } catch {
      object["error"] = Outcome(of: error).object
      throw error
    }
  }

  /// Finds one fact after the other, so that those before a refusal are shown.
  private func find(_ show: (SceneFacts) -> Void) async throws {
    let information = try arguments.look()
    show(
      SceneFacts(information, at: arguments.scene, Self.describe(information, at: arguments.scene)))
    let model = try arguments.loadModel()
    show(SceneFacts(model.card, bundle: model.identity))
    let scene = try arguments.open()
    let options = try arguments.options
    let printer = ProgressPrinter(isatty(STDERR_FILENO) == 1 ? .auto : .none)
    let plan = try await ScenePlan(scene, model: model, options: options) {
      printer.update(.measuring($0))
    }
    show(SceneFacts(plan))
    let resources = try Resources(for: plan, model: model, options: options)
    show(SceneFacts(Forecast(plan, model: model, resources: resources)))
  }

  /// The scene as it is, one fact a line.
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
      lines.append(String(format: "pixel     %.3f × %.3f m at the centre", gsd.x, gsd.y))
    }
    lines.append(BandSelection.list(information.bands))
    return lines
  }

  private static func name(of crs: CRS) -> String {
    [crs.authority, crs.name].compactMap { $0 }.joined(separator: ", ")
  }
}
