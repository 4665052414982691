import Foundation

/// How a store goes, so that a run that is killed at any moment leaves nothing that the next one does not know.
extension FolderTileStore {
  static let planName = "plan.json"
  /// What the plan is called from the moment on at which all that is there is rubbish.
  private static let removedName = "plan.removed"

  static func planData(in folder: String) -> Data? {
    FileManager.default.contents(atPath: folder + "/" + planName)
  }

  /// Removes what runs have put into the folder, and the folder if nothing else is in it.
  public func remove() throws {
    try Self.clear(folder)
    lock?.removeFolder()
  }

  /// Removes all but the lock: from its first step on the folder has no plan, after its last nothing of ours.
  static func clear(_ folder: String) throws {
    do {
      let files = FileManager.default
      let (plan, removed) = (folder + "/" + planName, folder + "/" + removedName)
      guard rename(plan, removed) == 0 || errno == ENOENT else { throw lastError }
      for name in try files.contentsOfDirectory(atPath: folder)
      where Stage(rawValue: name) != nil || name.hasPrefix(".") {
        try files.removeItem(atPath: folder + "/" + name)
      }
      guard unlink(removed) == 0 || errno == ENOENT else { throw lastError }
    } catch {
      throw SceneError(.io, "cannot remove the tiles in \(folder): \(error.reason)")
    }
  }

  /// Ends a removal that was cut off; a folder with a plan, or with other things in it, is left alone.
  static func finishRemoval(of folder: String) throws {
    let isRubbish = {
      names(in: folder)?.isEmpty == false && isOurs(folder) && planData(in: folder) == nil
    }
    guard isRubbish() else { return }
    let lock = try FolderLock(folder)
    guard isRubbish() else { return }
    try clear(folder)
    lock.removeFolder()
  }

  /// Removes what a killed run was writing: the rasters of its merge, and tiles without a name yet.
  func removeLeftovers() throws {
    let files = FileManager.default
    do {
      for directory in [folder] + plan.stages.map(directory) {
        for name in Self.names(in: directory) ?? [] where name.hasPrefix(".") {
          try files.removeItem(atPath: directory + "/" + name)
        }
      }
    } catch {
      throw SceneError(.io, "cannot remove what is left in \(folder): \(error.reason)")
    }
  }

  /// Refuses a folder that has other things in it, and no plan.
  static func requireOurs(_ folder: String) throws {
    guard isOurs(folder) else {
      throw SceneError(
        .cannotCreate,
        "\(folder) is needed for finished tiles, but it is no such folder: it has no \(planName)")
    }
  }

  /// Whether a folder is a store, what is left of one, the beginning of one, or nothing at all.
  private static func isOurs(_ folder: String) -> Bool {
    guard let content = names(in: folder) else { return true }
    return content.contains(planName) || content.contains(removedName)
      || content.allSatisfy { [FolderLock.name, "." + planName].contains($0) }
  }

  private static func names(in directory: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: directory)
  }

  /// What the system said last.
  static var lastError: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
