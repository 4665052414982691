import CGDAL

/// All files that reading a dataset may read, with their fingerprints from when it was opened.
///
/// These are the files that the driver lists, including sidecars; the files of every source of a VRT, including nested
/// VRTs and subdatasets; and the archive that contains a file in `/vsizip/` or `/vsitar/`. In a folder, such as a Zarr
/// store, every file is watched: individually in a folder of up to 1,000 files, otherwise by one digest of all names,
/// sizes and times. That digest takes some seconds per check for a folder of a million chunks. On web servers the first
/// 64 files are watched, with one request each; remote sources are not opened to look for their sidecars.
public struct InputFiles: Hashable, Sendable, Codable {
  /// Fingerprints by path; nil for files that are not watched and for names that are not files.
  ///
  /// Examples of the latter are a service, a database, or a name that only its driver understands.
  public let fingerprints: [String: FileFingerprint?]

  /// A file that has changed.
  public struct Change: Hashable, Sendable, CustomStringConvertible {
    /// The path of the file.
    public let path: String
    /// The earlier fingerprint; nil if the file did not exist.
    public let before: FileFingerprint?
    /// The current fingerprint; nil if the file no longer exists.
    public let now: FileFingerprint?

    /// The change as text, such as `scene.tif (was 100 bytes of …, is now missing)`.
    public var description: String {
      "\(path) (was \(before?.description ?? "missing"), is now \(now?.description ?? "missing"))"
    }
  }

  /// The paths of all files, sorted.
  public var paths: [String] { fingerprints.keys.sorted() }

  /// Returns the first file, in the order of `paths`, that has changed since; nil if none has.
  public func firstChange() -> Change? {
    for path in paths {
      let before = fingerprints[path] ?? nil
      // If a server did not respond, then or now, nothing is known about its file.
      if Self.isRemote(path), before == nil { continue }
      let now = FileFingerprint(path)
      if Self.isRemote(path), now == nil { continue }
      if before != now { return Change(path: path, before: before, now: now) }
    }
    return nil
  }

  /// Returns the differences between two states of the same files, sorted by path; files in only one are ignored.
  public func changes(since other: InputFiles) -> [Change] {
    paths.compactMap { path in
      guard let before = other.fingerprints[path], let now = fingerprints[path], before != now
      else { return nil }
      return Change(path: path, before: before, now: now)
    }
  }

  fileprivate static func isRemote(_ path: String) -> Bool { path.hasPrefix("/vsicurl") }

  private static let maximumRemote = 64

  /// Takes the current fingerprints of a dataset's files.
  init(of dataset: borrowing Dataset) {
    var found = FileSearch()
    found.add(dataset)
    let unwatched = Set(found.files.filter(Self.isRemote).sorted().dropFirst(Self.maximumRemote))
    fingerprints = Dictionary(
      uniqueKeysWithValues: found.files.map {
        ($0, unwatched.contains($0) ? nil : FileFingerprint($0))
      })
  }
}

extension Dataset {
  /// All files that reading may read, with their current fingerprints.
  public var inputFiles: InputFiles { InputFiles(of: self) }
}

/// Collects the files of a dataset and of all its sources.
private struct FileSearch {
  private(set) var files: Set<String> = []
  private var sources: Set<String> = []

  /// Folders with more files than this are watched as a whole.
  private static let maximumInFolder = 1000

  mutating func add(_ dataset: borrowing Dataset) {
    for file in dataset.files { add(file: file) }
    for source in dataset.virtualSources where sources.insert(source).inserted {
      let isLeaf = InputFiles.isRemote(source) && !source.hasSuffix(".vrt")
      // A source that cannot be opened becomes an error when its pixels are read.
      guard !isLeaf, let below = try? Dataset(reading: source) else {
        add(file: source)
        continue
      }
      add(below)
    }
  }

  private mutating func add(file path: String) {
    if let archive = FileSystem.archive(around: path) { files.insert(archive) }
    guard FileSystem.isDirectory(path) else {
      files.insert(path)
      return
    }
    let below = FileSystem.files(below: path)
    guard below.count <= Self.maximumInFolder else {
      files.insert(path)
      return
    }
    for name in below { files.insert(FileSystem.join(path, name)) }
  }
}

extension Dataset {
  /// The names of the source datasets of a VRT, as GDAL opens them; empty for other formats.
  fileprivate var virtualSources: [String] {
    guard driver == "VRT" else { return [] }
    let text = GDALGetMetadata(handle.pointer, "xml:VRT").flatMap { words($0).first }
    guard let text, let tree = CPLParseXMLString(text) else { return [] }
    defer { CPLDestroyXMLNode(tree) }
    let folder = path.hasPrefix("<") ? "" : FileSystem.directory(of: path)
    var names: [String] = []
    Self.collectSources(tree, folder, into: &names)
    return names
  }

  /// Resolves a name relative to a folder; a subdataset, `HDF5:"scene.h5"://image`, has the file name in quotes.
  private static func resolved(_ name: String, in folder: String) -> String {
    var parts = name.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
    let file = parts.count == 3 ? 1 : 0
    guard !parts[file].hasPrefix("/") else { return name }
    parts[file] = FileSystem.join(folder, parts[file])
    return parts.joined(separator: "\"")
  }

  /// Collects the `SourceFilename` of bands and the `SourceDataset` of a warped or derived VRT.
  private static func collectSources(
    _ node: UnsafeMutablePointer<CPLXMLNode>, _ folder: String, into names: inout [String]
  ) {
    var next: UnsafeMutablePointer<CPLXMLNode>? = node
    while let element = next {
      let name = String(cString: element.pointee.pszValue)
      if element.pointee.eType == CXT_Element, ["SourceFilename", "SourceDataset"].contains(name),
        let text = CPLGetXMLValue(element, "", nil).map({ String(cString: $0) }), !text.isEmpty
      {
        let isRelative =
          CPLGetXMLValue(element, "relativeToVRT", "0").map { String(cString: $0) } == "1"
        names.append(isRelative && !folder.isEmpty ? Self.resolved(text, in: folder) : text)
      }
      if let child = element.pointee.psChild { collectSources(child, folder, into: &names) }
      next = element.pointee.psNext
    }
  }
}
