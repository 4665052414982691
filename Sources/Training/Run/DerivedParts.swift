import Files
import Foundation
import Scenes

/// Records which weights each derived part of a run was made from, so that outdated parts are recognized.
///
/// Derived parts, such as coarse maps and latents, are outdated once one of their networks was trained further.
/// `derived.json` in the run's folder holds, for each part, the SHA-256 of every input.
struct DerivedParts {
  /// The folder of the run.
  let folder: String

  private var path: String { folder + "/derived.json" }

  private func noted() throws -> [String: [String: String]] {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    do { return try JSONDecoder().decode([String: [String: String]].self, from: data) } catch {
      throw SceneError(
        .badData,
        "\(path) can't be read: \(error); expected the hashes of the files that each part was made from"
      )
    }
  }

  /// Records the inputs of a part, before the part is made.
  func note(_ part: String, of inputs: [String: String]) throws {
    var all = try noted()
    guard all[part] != inputs else { return }
    all[part] = inputs
    try NewFile.write(JSONEncoder.ordered.encode(all), to: path, isDurable: true)
  }

  /// Deletes a part that was made from other inputs, so that it is made again.
  ///
  /// - Throws: `SceneError` if the part cannot be deleted, or exists without a record of its inputs.
  func invalidateIfChanged(_ part: String, of inputs: [String: String]) throws {
    let place = folder + "/" + part
    let old = try noted()[part]
    guard old != inputs else { return }
    if FileManager.default.fileExists(atPath: place) {
      guard old != nil else {
        throw SceneError(
          .badData,
          "\(path) has no record of what \(place) was made from; move \(place) away to make it again"
        )
      }
      do { try FileManager.default.removeItem(atPath: place) } catch {
        throw SceneError(.io, "\(FileError(.remove, place, from: error))")
      }
    }
    try note(part, of: inputs)
  }

  /// Checks that a part that takes long to make still has the inputs that it was started with.
  ///
  /// - Throws: `SceneError` naming the inputs that have changed.
  func requireUnchanged(_ part: String, of inputs: [String: String]) throws {
    guard FileManager.default.fileExists(atPath: folder + "/" + part),
      let old = try noted()[part]
    else { return }
    let changed = Set(old.keys).union(inputs.keys).filter { old[$0] != inputs[$0] }.sorted()
    guard changed.isEmpty else {
      throw SceneError(
        .badData,
        "\(folder)/\(part) was trained on earlier versions of \(changed.joined(separator: ", ")); "
          + "continuing with the new ones would be a different training: move \(folder)/\(part) away to start it again"
      )
    }
  }
}
