import Foundation

/// The folder of an audit's runs, `NAME.invariance` beside the raster: each run's output, and its finished tiles.
///
/// What is in it lets an interrupted audit go on; one audit at a time works on it.
struct InvarianceFolder: ~Copyable, Sendable {
  let path: String
  private let lock: FolderLock

  /// Makes the folder, or takes the one that an interrupted audit has left.
  ///
  /// - Throws: `SceneError` if it has other things in it, if another audit is at work on it, or if it can't be made.
  init(_ path: String) throws {
    self.path = path
    let foreign = Self.names(in: path).filter { !Self.isOurs($0) }
    guard foreign.isEmpty else {
      throw SceneError(
        .cannotCreate,
        "\(path) is needed for the runs of the audit, but other things are in it: \(foreign.sorted()[0])"
      )
    }
    lock = try FolderLock(path)
  }

  /// Where a run writes: one with another number of threads writes elsewhere, so that no two serve one another.
  static func name(of rerun: InvarianceAudit.Rerun, threads: Int) -> String {
    rerun == .halfStride ? halfStride : part + "\(threads)"
  }

  private static let halfStride = "half-stride"
  private static let part = "part-threads-"

  private static func isOurs(_ name: String) -> Bool {
    name == FolderLock.name || name.hasPrefix(halfStride + ".") || name.hasPrefix(part)
  }

  private static func names(in path: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
  }

  /// Removes what audits have put into it, and the folder.
  func remove() throws {
    do {
      for name in Self.names(in: path) where Self.isOurs(name) && name != FolderLock.name {
        try FileManager.default.removeItem(atPath: path + "/" + name)
      }
    } catch {
      throw SceneError(.io, "cannot remove the runs of the audit in \(path): \(error.reason)")
    }
    lock.removeFolder()
  }

  /// Removes the folder if no run has put anything into it.
  func removeIfEmpty() {
    if Self.names(in: path).allSatisfy({ $0 == FolderLock.name }) { lock.removeFolder() }
  }
}
