import Foundation
import Glibc

/// A temporary folder that is removed when its owner is released.
package final class ScratchFolder: Sendable {
  package let path: String

  /// Creates the folder.
  ///
  /// - Parameter parent: An existing folder to create it in; nil uses the system's temporary folder.
  /// - Throws: `FileError` if it cannot be created.
  package init(in parent: String? = nil) throws {
    let parent = parent ?? FileManager.default.temporaryDirectory.path
    path = parent + "/relief-\(UUID().uuidString)"
    guard mkdir(path, 0o700) == 0 else { throw FileError(.create, path) }
  }

  deinit {
    // No caller could handle an error here; the system removes what remains.
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Returns the path of a file in the folder.
  package func callAsFunction(_ name: String) -> String { path + "/" + name }
}
