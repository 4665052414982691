import Files
import Foundation

/// The folder of an audit's reruns, `NAME.invariance` next to the raster, with their outputs and finished tiles.
///
/// An interrupted audit resumes from its contents. Only one audit at a time can use it.
struct InvarianceFolder: ~Copyable, Sendable {
  let path: String
  private let lock: FolderLock

  /// Creates the folder, or opens the folder of an interrupted audit.
  ///
  /// - Throws: `SceneError` if it contains other files, if another audit has locked it, or if it cannot be created.
  init(_ path: String) throws {
    self.path = path
    let foreign = try FolderTileStore.names(in: path).filter { !Self.isAuditFile($0) }
    guard foreign.isEmpty else {
      throw SceneError(
        .cannotCreate,
        "\(path) is needed for the audit, but contains other files, such as \(foreign.sorted()[0]): move them away"
      )
    }
    lock = try FolderLock(path)
  }

  /// The name of a rerun's output without its suffix.
  ///
  /// It includes the number of threads, so that reruns with different numbers never reuse each other's results.
  static func name(of rerun: InvarianceAudit.Rerun, threads: Int) -> String {
    rerun == .halfStride ? halfStride : part + "\(threads)"
  }

  private static let halfStride = "half-stride"
  private static let part = "part-threads-"

  private static func isAuditFile(_ name: String) -> Bool {
    name == FolderLock.name || name.hasPrefix(halfStride + ".") || name.hasPrefix(part)
  }

  /// Removes the files of audits, and the folder if it contains nothing else.
  func remove() throws {
    for name in try FolderTileStore.names(in: path)
    where Self.isAuditFile(name) && name != FolderLock.name {
      let file = path + "/" + name
      do { try FileManager.default.removeItem(atPath: file) } catch {
        throw SceneError(.io, "\(FileError(.remove, file, from: error))")
      }
    }
    lock.removeFolder()
  }

  /// Removes the folder if no run has put anything into it.
  func removeIfEmpty() { lock.removeFolder() }
}
