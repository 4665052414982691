import Foundation
import Scenes

/// A temporary folder that is removed when its owner is released.
package final class ScratchFolder: Sendable {
  package let path: String

  /// Creates the folder.
  ///
  /// - Parameter parent: The folder to create it in; nil uses the system's temporary folder.
  /// - Throws: `SceneError` of kind `.cannotCreate` if it cannot be created.
  package init(in parent: String? = nil) throws {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    path = parent + "/relief-\(UUID().uuidString)"
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw SceneError(
        .cannotCreate,
        "a temporary folder cannot be created in \(parent): \(error.localizedDescription)")
    }
  }

  deinit {
    // No caller could handle an error here; the system removes what remains.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Returns the path of a file in the folder.
  package func callAsFunction(_ name: String) -> String { path + "/" + name }
}
