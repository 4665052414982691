import Files
import Foundation
import Scenes

/// What was made of networks' weights, and of which: once one of them has learned more, it no longer holds.
///
/// `derived.json` of a run's folder has, for each part, the SHA-256 of everything that it was made of.
struct DerivedParts {
  /// Of the run.
  let folder: String

  private var path: String { folder + "/derived.json" }

  private func noted() throws -> [String: [String: String]] {
    guard let data = FileManager.default.contents(atPath: path) else { return [:] }
    do { return try JSONDecoder().decode([String: [String: String]].self, from: data) } catch {
      throw SceneError(
        .badData, "\(path) can't be read: \(error); expected what parts were made of")
    }
  }

  /// Writes down what a part is made of, before it is.
  func note(_ part: String, of makers: [String: String]) throws {
    var all = try noted()
    guard all[part] != makers else { return }
    all[part] = makers
    try NewFile.write(JSONEncoder.ordered.encode(all), to: path, isDurable: true)
  }

  /// Takes a part away if it was made of something else, so that it is made anew.
  ///
  /// - Throws: `SceneError` if it can't be taken away, or lies there without a note of what it was made of.
  func renew(_ part: String, of makers: [String: String]) throws {
    let place = folder + "/" + part
    let old = try noted()[part]
    guard old != makers else { return }
    if FileManager.default.fileExists(atPath: place) {
      guard old != nil else {
        throw SceneError(
          .badData,
          "\(path) doesn't say what \(place) was made of; move it away to have it made anew")
      }
      do { try FileManager.default.removeItem(atPath: place) } catch {
        throw SceneError(.io, "\(place) can't be replaced: \(error.localizedDescription)")
      }
    }
    try note(part, of: makers)
  }

  /// Makes sure that a part which took long is still of what it was begun with.
  ///
  /// - Throws: `SceneError` naming what has changed.
  func requireUnchanged(_ part: String, of makers: [String: String]) throws {
    guard FileManager.default.fileExists(atPath: folder + "/" + part),
      let old = try noted()[part]
    else { return }
    let changed = Set(old.keys).union(makers.keys).filter { old[$0] != makers[$0] }.sorted()
    guard changed.isEmpty else {
      throw SceneError(
        .badData,
        "\(folder)/\(part) learned from \(changed.joined(separator: ", ")) as it was before, and others now would be "
          + "another training; move \(folder)/\(part) away to begin it anew")
    }
  }
}
