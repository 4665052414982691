import Files
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temporary files of an unfinished raster; those that remain are removed with this object.
final class Temporaries: Sendable {
  /// The prefix of the names of all temporary files, in the scratch directory and next to the output.
  let prefix: String
  /// The path of the scratch raster.
  let scratch: String
  /// The path of the virtual raster of the parts, if the raster is made of files.
  let mosaic: String
  /// The path of the unfinished output, on the file system of the final path so that renaming is atomic.
  let output: String
  private let path: String
  private let directories: [String]

  /// Chooses the names of the temporary files of an output.
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
    mosaic = FileSystem.join(scratchDirectory, prefix + ".scratch.vrt")
    output = FileSystem.join(directory, prefix + ".part" + suffix)
  }

  /// Chooses the names for an output that is written directly next to its destination, after checking that it can be.
  convenience init(forResult path: String, overwrite: Bool, suffix: String = ".tif")
    throws(RasterError)
  {
    let directory = FileSystem.directory(of: path)
    self.init(for: path, scratchDirectory: directory, suffix: suffix)
    try requireReplaceable(overwrite: overwrite)
    try requireWritable(directory)
  }

  /// Checks that files can be created in a directory, by creating one with a name as long as the longest one needed.
  ///
  /// GDAL's virtual file systems have no real directories, so they are not checked.
  func requireWritable(_ directory: String) throws(RasterError) {
    guard !directory.hasPrefix("/vsi") else { return }
    guard FileSystem.isDirectory(directory) else {
      throw RasterError(.cannotCreate, "\(directory) is not a directory")
    }
    do throws(FileError) {
      // The temporary name of this file is longer than those of GDAL's sidecars to our temporary files.
      _ = try NewFile(at: FileSystem.join(directory, prefix.dropFirst() + "-longest-name"))
    } catch {
      guard error.code != ENAMETOOLONG else {
        throw RasterError(
          .cannotCreate,
          "\(path) has too long a name: the names of its temporary files exceed the limit of "
            + "\(directory); choose a name that is 40 bytes shorter")
      }
      throw RasterError(
        error.isTransient ? .io : .cannotCreate,
        "no files can be created in \(directory): \(error.reason)")
    }
  }

  /// Throws if the path or a sidecar of it is not a regular file, or if it exists and may not be replaced.
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
        throw RasterError(.cannotCreate, "\(file) exists: use --overwrite to replace it")
      }
    }
  }

  private static let counter = Atomic(0)

  deinit {
    for directory in directories {
      FileSystem.removeFiles(in: directory) { $0.hasPrefix(prefix) }
    }
  }

  /// Removes the temporary files of killed processes from the directory of a path.
  static func removeLeftovers(of path: String) {
    let beginning = ".\(FileSystem.name(of: path))."
    FileSystem.removeFiles(in: FileSystem.directory(of: path)) { name in
      guard name.hasPrefix(beginning) else { return false }
      let number = name.dropFirst(beginning.count).prefix { $0 != "." }.split(separator: "-")
      return number.count >= 2 && number.prefix(2).allSatisfy { Int($0) != nil }
    }
  }

  /// Returns the paths of the sidecars that GDAL would read together with a GeoTIFF.
  static func sidecars(of path: String) -> [String] {
    [".aux.xml", ".ovr", ".msk"].map { path + $0 }
  }

  /// Renames the output and its sidecars to their final names and waits until they are on disk.
  ///
  /// - Returns: The paths of the sidecars that now belong to the output.
  func commit() throws(RasterError) -> [String] {
    let sidecars = zip(Self.sidecars(of: output), Self.sidecars(of: path))
    try FileSystem.synchronize(output)
    for (temporary, _) in sidecars where FileSystem.exists(temporary) {
      try FileSystem.synchronize(temporary)
    }
    // Sidecars first: the raster must not appear with the sidecars of the raster that it replaces.
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
