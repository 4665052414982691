import Files
import Foundation

/// How a store goes, so that a run that is killed at any moment leaves nothing that the next one does not know.
extension FolderTileStore {
  static let planName = "plan.json"
  static let overwriteName = "overwrite"
  /// What the plan is called from the moment on at which all that is there is rubbish.
  private static let removedName = "plan.removed"

  static func planData(in folder: String) -> Data? {
    (try? WholeFile.read(folder + "/" + planName)).map { Data($0) }
  }

  /// Whether the unfinished run in a folder was begun with leave to replace the output.
  static func mayOverwrite(_ folder: String) -> Bool {
    planData(in: folder) != nil && names(in: folder)?.contains(overwriteName) == true
  }

  /// Removes what runs have put into the folder, and the folder if nothing else is in it.
  public func remove() throws {
    try Self.clear(folder)
    lock?.removeFolder()
  }

  /// Removes all but the lock: from its first step on the folder has no plan, after its last nothing of ours.
  static func clear(_ folder: String) throws {
    let (plan, removed) = (folder + "/" + planName, folder + "/" + removedName)
    guard rename(plan, removed) == 0 || errno == ENOENT else { throw FileError(.remove, plan) }
    for name in names(in: folder) ?? [] {
      let path = folder + "/" + name
      if Stage(rawValue: name) != nil {
        try removeTree(path)
      } else if name.hasPrefix(".") || name == overwriteName {
        try remove(path)
      }
    }
    try remove(removed)
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

  /// Removes the store of a plan whose output is whole, or what is left of one; another plan's stays.
  static func removeFinished(
    _ folder: String, of plan: ScenePlan, first other: () -> Void
  ) throws {
    guard try isUnfinished(plan, in: folder) else { return try finishRemoval(of: folder) }
    let lock = try FolderLock(folder)
    other()
    try clear(folder)
    lock.removeFolder()
  }

  /// Removes what a killed run was writing: the rasters of its merge, and tiles without a name yet.
  func removeLeftovers() throws {
    for directory in [folder] + plan.stages.map(directory) {
      for name in Self.names(in: directory) ?? [] where name.hasPrefix(".") {
        try Self.remove(directory + "/" + name)
      }
    }
  }

  /// Refuses a folder that has other things in it, and no plan, and what is no folder.
  static func requireOurs(_ folder: String) throws {
    let status = FileStatus(folder)
    guard status == nil || status?.kind == .folder else {
      throw SceneError(
        .cannotCreate,
        "\(folder) is needed as a folder for finished tiles, and it is a link or a file: move it away"
      )
    }
    guard isOurs(folder) else {
      throw SceneError(
        .cannotCreate,
        "\(folder) is needed for finished tiles, but it is no such folder: it has no \(planName); move it away"
      )
    }
  }

  /// Whether a folder is a store, what is left of one, the beginning of one, or nothing at all.
  private static func isOurs(_ folder: String) -> Bool {
    guard let content = names(in: folder) else { return true }
    return content.contains(planName) || content.contains(removedName)
      || content.allSatisfy {
        [FolderLock.name, overwriteName].contains($0) || $0.hasPrefix("." + planName)
          || $0.hasPrefix("." + overwriteName)
      }
  }

  static func names(in directory: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: directory)
  }

  /// Makes a folder; one that is there is as good, and nothing else is.
  static func makeFolder(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) != 0 else { return }
    guard errno == EEXIST else { throw FileError(.create, path) }
    guard FileStatus(path)?.kind == .folder else {
      throw FileError(.create, path, reason: "it is there and is no folder")
    }
  }

  /// Removes a file; that there is none is as good.
  static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path) }
  }

  /// Removes a stage's folder and what is in it; a link alone.
  private static func removeTree(_ path: String) throws(FileError) {
    guard FileStatus(path)?.kind == .folder else {
      return try remove(path)
    }
    for name in names(in: path) ?? [] { try removeTree(path + "/" + name) }
    guard rmdir(path) == 0 || errno == ENOENT else { throw FileError(.remove, path) }
  }
}
