import Foundation
import Scenes

/// A folder for what is needed for a while, removed with its owner.
final class ScratchFolder: Sendable {
  let path: String

  /// - Parameter parent: Where it is made; nil is the system's folder for such things.
  /// - Throws: `SceneError` of kind `.cannotCreate` where it can't be.
  init(in parent: String? = nil) throws {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    path = parent + "/relief-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw SceneError(
        .cannotCreate,
        "no temporary folder can be made in \(parent): \(error.localizedDescription)")
    }
  }

  deinit {
    // Nobody is left to be told; the system clears what remains.
    try? FileManager.default.removeItem(atPath: path)
  }

  func callAsFunction(_ name: String) -> String { path + "/" + name }
}
