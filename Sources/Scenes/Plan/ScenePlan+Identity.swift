import TileModels
import Files
package import Foundation
import Rasters

/// The identity of a plan, and its storage in a file.
extension ScenePlan {
  /// The SHA-256 of everything that affects the pixels: two runs with the same hash produce the same pixels.
  ///
  /// Of a large reference, and of bands that only show slopes, it covers parts (`AnchorPlan`).
  ///
  /// It covers the scene's content, the bundle, the options and the processor level. It does not cover the scene's
  /// location, facts that the content already determines (bands, validity, the name of the stretch, the pixel size), or
  /// warnings. The same scene under another path or on another machine therefore has the same plan.
  public var hash: String {
    get throws { SHA256.hexadecimal(of: try Self.encoded(decisive).bytes) }
  }

  /// The plan without the parts that do not affect the pixels.
  private var decisive: ScenePlan {
    var plan = self
    (plan.scene.path, plan.scene.subdataset, plan.scene.openOptions) = ("", nil, [:])
    (plan.scene.inputs, plan.sun) = (nil, nil)
    plan.bands = .undecided
    (plan.validityRule, plan.stretch, plan.warnings) = ("", .minMax, [])
    plan.anchor?.reference = ""
    plan.working.gsd = nil
    plan.overview?.gsd = nil
    return plan
  }

  /// The version of the file layout; files with another version are rejected.
  private static let layout = 4

  private struct File: Codable {
    let layout: Int
    let plan: ScenePlan
  }

  private struct Layout: Decodable { let layout: Int? }

  /// The plan's file content: JSON with sorted keys.
  package var fileData: Data {
    get throws { try Self.encoded(File(layout: Self.layout, plan: self)) }
  }

  /// Decodes a plan from its file.
  ///
  /// - Throws: `SceneError` if the file is not a plan, was written by another version of relief, or contains invalid
  ///   values.
  package init(file data: Data, path: String) throws {
    guard let found = try? JSONDecoder().decode(Layout.self, from: data) else {
      throw SceneError(.badData, "\(path) is not a plan: it is not JSON")
    }
    guard found.layout == Self.layout else {
      throw SceneError(
        .badData,
        "\(path) is a plan with layout \(found.layout.map { "\($0)" } ?? "1"), expected \(Self.layout): "
          + "resume with the version of relief that started the run, or use --overwrite to start over"
      )
    }
    do {
      self = try JSONDecoder().decode(File.self, from: data).plan
    } catch {
      throw SceneError(.badData, "\(path) is not a plan: \(error)")
    }
    try validate(path: path)
  }

  private static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// Returns the names of the parts that affect the pixels and differ from another plan; if the scene has changed, also
  /// which of its files.
  func differences(from other: ScenePlan) throws -> [String] {
    let parts = try [self, other].map { plan in
      let object = try JSONSerialization.jsonObject(with: Self.encoded(plan.decisive))
      return (object as? [String: Any] ?? [:]).mapValues { part in
        // The order of keys in a dictionary's own description is arbitrary.
        try? JSONSerialization.data(withJSONObject: [part], options: .sortedKeys)
      }
    }
    let names = Set(parts[0].keys).union(parts[1].keys).sorted()
    return names.filter { parts[0][$0] != parts[1][$0] }.map { name in
      switch name {
      case "anchor": return "reference"
      case "radiometry": return "stretch"
      case "scene": return sceneDifference(from: other)
      default: return name
      }
    }
  }

  /// Describes why the scene's content differs from that of another plan.
  private func sceneDifference(from other: ScenePlan) -> String {
    if bands.numbers != other.bands.numbers { return "bands" }
    if validityRule != other.validityRule { return "nodata" }
    let changes = other.scene.inputs.flatMap { scene.inputs?.changes(since: $0) } ?? []
    guard let first = changes.first else { return "scene" }
    return "scene: \(first)" + (changes.count > 1 ? " and \(changes.count - 1) more files" : "")
  }

  /// Checks that a scene has the content for which the plan was made.
  ///
  /// Measures the scene if that has not been done yet.
  ///
  /// - Throws: `SceneError` if the content differs, or any error from reading the scene.
  func requireScene(_ found: SceneSource) async throws {
    guard try await found.content == scene.content else {
      throw SceneError(
        .usage,
        "the content of \(found.path) is not that of the plan's scene, \(scene.path): make a new plan"
      )
    }
  }
}
