import CGDAL

/// Everything that reading a dataset may read, and how it was when it was opened.
///
/// Files are those that the driver names, sidecars included; those of every source below a VRT, also a VRT of VRTs or of
/// subdatasets; and the archive around a file in `/vsizip/` or `/vsitar/`. Of a folder, as Zarr has it, every file below
/// is watched: each by itself in a folder of up to 1,000 files, else all of them by one digest of their names, sizes
/// and times, for which a folder of a million chunks takes some seconds at each check. Of files on web servers the first
/// 64 are watched, each by a request; a source there is not opened to look for its sidecars.
public struct InputFiles: Hashable, Sendable, Codable {
  /// By path; nil of what is not watched, or is no file: a service, a database, a name that only its driver knows.
  public let fingerprints: [String: FileFingerprint?]

  /// A file that is not as it was; nil stands for none.
  public struct Change: Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let before: FileFingerprint?
    public let now: FileFingerprint?

    /// As `scene.tif (was 100 bytes of …, is gone)`.
    public var description: String {
      "\(path) (was \(before?.description ?? "not there"), is \(now?.description ?? "gone"))"
    }
  }

  /// The paths, in order.
  public var paths: [String] { fingerprints.keys.sorted() }

  /// The first file in order that is no longer as it was.
  public func firstChange() -> Change? {
    for path in paths {
      let before = fingerprints[path] ?? nil
      // A server that did not answer, then or now, says nothing about its file.
      if Self.isRemote(path), before == nil { continue }
      let now = FileFingerprint(path)
      if Self.isRemote(path), now == nil { continue }
      if before != now { return Change(path: path, before: before, now: now) }
    }
    return nil
  }

  /// Where two states of the same files differ, in order; other files are no change.
  public func changes(since other: InputFiles) -> [Change] {
    paths.compactMap { path in
      guard let before = other.fingerprints[path], let now = fingerprints[path], before != now
      else { return nil }
      return Change(path: path, before: before, now: now)
    }
  }

  fileprivate static func isRemote(_ path: String) -> Bool { path.hasPrefix("/vsicurl") }

  private static let mostRemote = 64

  /// As they are now.
  init(of dataset: borrowing Dataset) {
    var found = FileSearch()
    found.add(dataset)
    let unwatched = Set(found.files.filter(Self.isRemote).sorted().dropFirst(Self.mostRemote))
    fingerprints = Dictionary(
      uniqueKeysWithValues: found.files.map {
        ($0, unwatched.contains($0) ? nil : FileFingerprint($0))
      })
  }
}

extension Dataset {
  /// Everything that reading may read, as it is now.
  public var inputFiles: InputFiles { InputFiles(of: self) }
}

/// The files of a dataset and of all that it draws on.
private struct FileSearch {
  private(set) var files: Set<String> = []
  private var sources: Set<String> = []

  /// Folders of more files are watched as a whole.
  private static let mostInFolder = 1000

  mutating func add(_ dataset: borrowing Dataset) {
    for file in dataset.files { add(file: file) }
    for source in dataset.virtualSources where sources.insert(source).inserted {
      let isLeaf = InputFiles.isRemote(source) && !source.hasSuffix(".vrt")
      // A source that cannot be opened is an error when its pixels are wanted.
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
    guard below.count <= Self.mostInFolder else {
      files.insert(path)
      return
    }
    for name in below { files.insert(FileSystem.join(path, name)) }
  }
}

extension Dataset {
  /// The names of the datasets that a VRT draws on, as GDAL opens them; empty for other formats.
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

  /// A name relative to a folder; that of a subdataset, `HDF5:"scene.h5"://image`, has the file's in quotes.
  private static func resolved(_ name: String, in folder: String) -> String {
    var parts = name.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
    let file = parts.count == 3 ? 1 : 0
    guard !parts[file].hasPrefix("/") else { return name }
    parts[file] = FileSystem.join(folder, parts[file])
    return parts.joined(separator: "\"")
  }

  /// `SourceFilename` of bands, `SourceDataset` of a warped or derived VRT.
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
