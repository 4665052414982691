import DepthModels
import Files
import Foundation
import Rasters

/// What makes two plans one, and how a plan is kept in a file.
extension ScenePlan {
  /// SHA-256 of all that decides about pixels: two runs that agree in it give the same ones.
  ///
  /// That is the scene's content, the bundle, the options and the processor's level. Where the scene was found, how it says
  /// what the content says already (bands, validity, the name of the stretch, the size of a pixel), and what the user is
  /// told are none of it: the same scene under another path, on another machine, is the same plan.
  public var hash: String {
    get throws { SHA256.hexadecimal(of: try Self.encoded(decisive).bytes) }
  }

  /// The plan without what does not decide about pixels.
  private var decisive: ScenePlan {
    var plan = self
    (plan.scene.path, plan.scene.subdataset, plan.scene.openOptions) = ("", nil, [:])
    (plan.scene.inputs, plan.sun) = (nil, nil)
    plan.bands = .undecided
    (plan.validityRule, plan.stretch, plan.warnings) = ("", .minMax, [])
    plan.working.gsd = nil
    plan.overview?.gsd = nil
    return plan
  }

  /// The layout of the file; one of another layout is not read.
  private static let layout = 2

  private struct File: Codable {
    let layout: Int
    let plan: ScenePlan
  }

  private struct Layout: Decodable { let layout: Int? }

  /// The file of a plan, as JSON with sorted keys.
  var fileData: Data {
    get throws { try Self.encoded(File(layout: Self.layout, plan: self)) }
  }

  /// From its file.
  ///
  /// - Throws: `SceneError` if it is none, is of another version of relief, or says what no run can have planned.
  init(file data: Data, path: String) throws {
    guard let found = try? JSONDecoder().decode(Layout.self, from: data) else {
      throw SceneError(.badData, "\(path) is no plan: it is not JSON")
    }
    guard found.layout == Self.layout else {
      throw SceneError(
        .badData,
        "\(path) is a plan of layout \(found.layout.map { "\($0)" } ?? "1"), expected \(Self.layout): "
          + "go on with the version of relief that began the run, or say --overwrite to start anew")
    }
    do {
      self = try JSONDecoder().decode(File.self, from: data).plan
    } catch {
      throw SceneError(.badData, "\(path) is no plan: \(error)")
    }
    try requirePossible(in: path)
  }

  private static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// In what of all that decides about pixels another plan differs, by the names of the plan's parts; of a scene that has
  /// changed, which of its files.
  func differences(from other: ScenePlan) throws -> [String] {
    let parts = try [self, other].map { plan in
      let object = try JSONSerialization.jsonObject(with: Self.encoded(plan.decisive))
      return (object as? [String: Any] ?? [:]).mapValues { part in
        // A dictionary's own description has its keys in any order.
        try? JSONSerialization.data(withJSONObject: [part], options: .sortedKeys)
      }
    }
    let names = Set(parts[0].keys).union(parts[1].keys).sorted()
    return names.filter { parts[0][$0] != parts[1][$0] }.map { name in
      switch name {
      case "radiometry": return "stretch"
      case "scene": return sceneDifference(from: other)
      default: return name
      }
    }
  }

  /// Why the scene of another plan shows something else.
  private func sceneDifference(from other: ScenePlan) -> String {
    if bands.numbers != other.bands.numbers { return "bands" }
    if validityRule != other.validityRule { return "nodata" }
    let changes = other.scene.inputs.flatMap { scene.inputs?.changes(since: $0) } ?? []
    guard let first = changes.first else { return "scene" }
    return "scene: \(first)" + (changes.count > 1 ? " and \(changes.count - 1) more files" : "")
  }

  /// Refuses a scene that does not show what the plan was made for.
  ///
  /// - Throws: `SceneError`, or what reading it throws; one that has not been measured yet is.
  func requireScene(_ found: SceneSource) async throws {
    guard try await found.content == scene.content else {
      throw SceneError(
        .usage,
        "\(found.path) does not show what the plan was made for, \(scene.path): plan again")
    }
  }
}
