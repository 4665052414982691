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
    try FileSystem.requireWritable(directory, probe: prefix)
  }

  /// Refuses a path that is a directory or, unless it may be replaced, a file or has a sidecar.
  func requireReplaceable(overwrite: Bool) throws(RasterError) {
    if FileSystem.isDirectory(path) {
      throw RasterError(.cannotCreate, "\(path) is a directory, expected the name of a file")
    }
    guard !overwrite else { return }
    for file in [path] + Self.sidecars(of: path) where FileSystem.exists(file) {
      throw RasterError(.cannotCreate, "\(file) exists and was not to be overwritten")
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
      return number.count == 2 && number.allSatisfy { Int($0) != nil }
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
