import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The files that a raster is while it is not finished; whatever is left of them goes with their owner.
final class Temporaries: Sendable {
  /// With what the name of each of them begins, in the scratch directory and beside the output.
  let prefix: String
  let scratch: String
  /// In the directory of the path or another one of its file system, so that renaming is atomic.
  let output: String
  private let path: String
  private let directories: [String]

  init(
    for path: String, scratchDirectory: String, partDirectory: String? = nil,
    suffix: String = ".tif"
  ) {
    let number = Self.counter.add(1, ordering: .relaxed).newValue
    let directory = partDirectory ?? FileSystem.directory(of: path)
    self.path = path
    directories = [directory, scratchDirectory]
    prefix = ".\(FileSystem.name(of: path)).\(getpid())-\(number)"
    scratch = FileSystem.join(scratchDirectory, prefix + ".scratch.tif")
    output = FileSystem.join(directory, prefix + ".part" + suffix)
  }

  /// For a result that is written at once beside its destination, when nothing speaks against it.
  convenience init(forResult path: String, overwrite: Bool, suffix: String = ".tif")
    throws(RasterError)
  {
    let directory = FileSystem.directory(of: path)
    self.init(for: path, scratchDirectory: directory, suffix: suffix)
    try requireReplaceable(overwrite: overwrite)
    try requireWritable(directory)
  }

  /// Makes sure that files can be made in a directory, by making one with a name as long as the longest to come.
  ///
  /// GDAL's virtual file systems have no directories to speak of: there the file alone decides.
  func requireWritable(_ directory: String) throws(RasterError) {
    guard !directory.hasPrefix("/vsi") else { return }
    guard FileSystem.isDirectory(directory) else {
      throw RasterError(.cannotCreate, "\(directory) is not a directory")
    }
    do throws(FileError) {
      // Its temporary name is longer by more than those of GDAL's sidecars to ours.
      _ = try NewFile(at: FileSystem.join(directory, prefix.dropFirst() + "-longest-name"))
    } catch {
      guard error.code != ENAMETOOLONG else {
        throw RasterError(
          .cannotCreate,
          "\(path) is too long a name: with those of its temporary files it has more bytes than "
            + "\(directory) takes; choose one that is 40 bytes shorter")
      }
      throw RasterError(
        error.mayPass ? .io : .cannotCreate, "no file can be made in \(directory): \(error.reason)")
    }
  }

  /// Refuses a path, or a sidecar of it, that is anything but a regular file or, unless it may be replaced, is there at
  /// all.
  func requireReplaceable(overwrite: Bool) throws(RasterError) {
    for file in [path] + Self.sidecars(of: path) {
      if !path.hasPrefix("/vsi") {
        do throws(FileError) {
          try NewFile.requireReplaceable(file)
        } catch {
          throw RasterError(error)
        }
      }
      guard overwrite || !FileSystem.exists(file) else {
        throw RasterError(.cannotCreate, "\(file) exists: give --overwrite to replace it")
      }
    }
  }

  private static let counter = Atomic(0)

  deinit {
    for directory in directories {
      FileSystem.removeFiles(in: directory) { $0.hasPrefix(prefix) }
    }
  }

  /// Removes the files of owners that are no more from the directory of a path.
  static func removeLeftovers(of path: String) {
    let beginning = ".\(FileSystem.name(of: path))."
    FileSystem.removeFiles(in: FileSystem.directory(of: path)) { name in
      guard name.hasPrefix(beginning) else { return false }
      let number = name.dropFirst(beginning.count).prefix { $0 != "." }.split(separator: "-")
      return number.count >= 2 && number.prefix(2).allSatisfy { Int($0) != nil }
    }
  }

  /// What GDAL would read together with a GeoTIFF of that path.
  static func sidecars(of path: String) -> [String] {
    [".aux.xml", ".ovr", ".msk"].map { path + $0 }
  }

  /// Renames the output and its sidecar to their names and waits until the disk knows.
  ///
  /// - Returns: the paths of the sidecars that belong to the output now.
  func commit() throws(RasterError) -> [String] {
    let sidecars = zip(Self.sidecars(of: output), Self.sidecars(of: path))
    try FileSystem.synchronize(output)
    for (temporary, _) in sidecars where FileSystem.exists(temporary) {
      try FileSystem.synchronize(temporary)
    }
    // Sidecars first: the raster must not be seen with those of the one that it replaces.
    var kept: [String] = []
    for (temporary, final) in sidecars {
      if FileSystem.exists(temporary) {
        try FileSystem.rename(temporary, to: final)
        kept.append(final)
      } else {
        FileSystem.remove(final)
      }
    }
    try FileSystem.rename(output, to: path)
    try FileSystem.synchronize(FileSystem.directory(of: path))
    return kept
  }
}
