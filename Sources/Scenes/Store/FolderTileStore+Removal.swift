import Files
import Foundation

/// Removal of a store, such that a run that is killed at any moment leaves only what the next run can recognize.
extension FolderTileStore {
  /// The plan file is renamed to this as the first step of a removal; from then on the contents are garbage.
  private static let removedName = "plan.removed"

  /// Removes the files of the store except the lock.
  ///
  /// The first step removes the plan; after the last step, only the lock and files of others remain.
  static func clear(_ folder: String) throws(FileError) {
    let (plan, removed) = (folder + "/" + RunStore.planName, folder + "/" + removedName)
    guard rename(plan, removed) == 0 || errno == ENOENT else { throw FileError(.remove, plan) }
    for name in try names(in: folder) {
      let path = folder + "/" + name
      if FileStatus(path)?.kind == .folder {
        try removeStage(path)
      } else if name.hasPrefix(".") || name == RunStore.overwriteName {
        try remove(path)
      }
    }
    try remove(removed)
  }

  /// Completes an interrupted removal; leaves a folder with a plan or with other files unchanged.
  static func finishRemoval(of folder: String) throws {
    let isGarbage = {
      let hasPlan = try RunStore.hasPlan(in: FolderTileStore(reading: folder))
      return try !hasPlan && !names(in: folder).isEmpty && isStore(folder)
    }
    guard try isGarbage() else { return }
    let lock = try FolderLock(folder)
    guard try isGarbage() else { return }
    try clear(folder)
    lock.removeFolder()
  }

  /// Removes the store, or the remains of the store, of a plan whose output is complete.
  ///
  /// The store of another plan is kept.
  static func removeFinished(
    _ folder: String, of plan: ScenePlan, first other: () -> Void
  ) throws {
    guard try RunStore.isUnfinished(plan, in: FolderTileStore(reading: folder)) else {
      return try finishRemoval(of: folder)
    }
    let lock = try FolderLock(folder)
    other()
    try clear(folder)
    lock.removeFolder()
  }

  /// Removes the temporary files of killed runs: the plan and the rasters of their assembly.
  ///
  /// Those of a process that runs are kept, and so are those in the folders of stages, which another machine may be
  /// writing: they are small, and are removed with the store.
  static func removeLeftovers(in folder: String) throws(FileError) {
    for name in try names(in: folder) where name.hasPrefix(".") && !isOfRunningProcess(name) {
      try remove(folder + "/" + name)
    }
  }

  /// Whether the process in the name of a temporary file, `.NAME.PROCESS-NUMBER.SUFFIX`, is another one that runs.
  private static func isOfRunningProcess(_ name: String) -> Bool {
    let numbers = name.split(separator: ".").compactMap { part in
      let pair = part.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
      return pair.count == 2 && pair[1] != nil ? pair[0] : nil
    }
    guard let process = numbers.last, process > 0, process != getpid() else { return false }
    return kill(process, 0) == 0 || errno == EPERM
  }

  /// Throws if a path is not a folder, or is a folder with other files and no plan.
  static func requireStore(_ folder: String) throws {
    let status = FileStatus(folder)
    guard status == nil || status?.kind == .folder else {
      throw SceneError(
        .cannotCreate,
        "\(folder) is a link or a file, expected a folder for finished tiles: move it away"
      )
    }
    guard try isStore(folder) else {
      throw SceneError(
        .cannotCreate,
        "\(folder) contains other files and no \(RunStore.planName), expected a folder of finished tiles: move it away"
      )
    }
  }

  /// Whether a folder is a complete store, a partly removed one, a new one, or does not exist.
  private static func isStore(_ folder: String) throws(FileError) -> Bool {
    let content = try names(in: folder)
    return content.contains(RunStore.planName) || content.contains(removedName)
      || content.allSatisfy {
        [FolderLock.name, RunStore.overwriteName].contains($0)
          || $0.hasPrefix("." + RunStore.planName)
          || $0.hasPrefix("." + RunStore.overwriteName)
      }
  }

  /// The names of the files in a directory; empty if the path does not exist or is not a directory.
  ///
  /// - Throws: `FileError` if it exists but cannot be listed.
  static func names(in directory: String) throws(FileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory)
    } catch {
      let failure = FileError(.read, directory, from: error)
      guard failure.isMissing else { throw failure }
      return []
    }
  }

  /// Creates a folder unless it exists.
  ///
  /// - Throws: `FileError` if it cannot be created, or if the path is something else.
  static func makeFolder(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) != 0 else { return }
    guard errno == EEXIST else { throw FileError(.create, path) }
    guard FileStatus(path)?.kind == .folder else {
      throw FileError(.create, path, reason: "it exists and is not a folder")
    }
  }

  /// Removes a file if it exists.
  static func remove(_ path: String) throws(FileError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path) }
  }

  /// Removes the objects and their temporary files in a stage's folder, and the folder unless it contains other files.
  private static func removeStage(_ path: String) throws(FileError) {
    for name in try names(in: path)
    where RunStore.isObject(name) || name.hasPrefix(".") && name.hasSuffix(".part") {
      try remove(path + "/" + name)
    }
    guard rmdir(path) == 0 || [ENOENT, ENOTEMPTY, EEXIST].contains(errno) else {
      throw FileError(.remove, path)
    }
  }
}
