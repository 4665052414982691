import CGDAL
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The size, modification time and identity of a file, which reveal changes without reading the file.
public struct FileFingerprint: Hashable, Sendable, Codable {
  /// Size in bytes; for a folder, the total size of all files below it.
  public private(set) var size: Int?
  /// Time of the last modification in nanoseconds since 1970, at the resolution of the file system.
  ///
  /// For a folder, the latest of all files below it.
  public private(set) var modified: Int?
  /// The inode number on a local file system; nil elsewhere.
  public private(set) var inode: UInt64?
  /// A web server's version of the file: its `ETag`, or the time of its last modification.
  public private(set) var tag: String?
  /// For a folder, the SHA-256 of the names, sizes, times and inode numbers of all files below it.
  public private(set) var listing: String?

  private init() {}

  /// Takes the current fingerprint of a file through GDAL's file systems; nil if there is no such file.
  init?(_ path: String) {
    if path.hasPrefix("/vsicurl/") || path.hasPrefix("/vsicurl?") {
      self.init(remote: path)
      return
    }
    var status = stat()
    guard logging({ cgdal_stat(path, &status) }).value == 0 else { return nil }
    if status.st_mode & S_IFMT == S_IFDIR {
      self.init(folder: path)
      return
    }
    self.init()
    size = Int(status.st_size)
    modified = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
    inode = path.hasPrefix("/vsi") ? nil : UInt64(status.st_ino)
  }

  /// Takes the fingerprint of a folder from all files below it.
  private init(folder: String) {
    var (size, latest) = (0, 0)
    var hash = SHA256()
    for name in FileSystem.files(below: folder) {
      let file = FileFingerprint(FileSystem.join(folder, name))
      size += file?.size ?? 0
      latest = max(latest, file?.modified ?? 0)
      hash.update(Array("\(name) \(file?.description ?? "")\n".utf8).span.bytes)
    }
    self.init()
    (self.size, modified) = (size, latest)
    listing = hash.hexadecimal()
  }

  /// Takes the fingerprint of a file on a web server, with a new request each time.
  private init?(remote path: String) {
    let (headers, _) = logging { () -> [String: String] in
      let list = VSIGetFileMetadata(path, "HEADERS", nil)
      defer { CSLDestroy(list) }
      return Dictionary(
        pairs(list).map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first }
      )
    }
    guard !headers.isEmpty else { return nil }
    self.init()
    size = headers["content-length"].flatMap { Int($0) }
    tag = headers["etag"] ?? headers["last-modified"]
  }
}

extension FileFingerprint: CustomStringConvertible {
  /// The fingerprint as text, such as `1234 bytes of 2026-11-30T01:02:03.000000004Z, inode 5`.
  public var description: String {
    var text = size.map { "\($0) bytes" } ?? "of unknown size"
    if let modified { text += " of " + Self.time(modified) }
    if let inode { text += ", inode \(inode)" }
    if let tag { text += ", \(tag)" }
    return text
  }

  /// Formats a time as ISO 8601 in UTC.
  private static func time(_ nanoseconds: Int) -> String {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    var (clock, parts) = (time_t(seconds), tm())
    gmtime_r(&clock, &parts)
    let digits = { (number: Int, count: Int) in
      String(repeating: "0", count: max(0, count - "\(number)".count)) + "\(number)"
    }
    let day = [
      digits(Int(parts.tm_year) + 1900, 4), digits(Int(parts.tm_mon) + 1, 2),
      digits(Int(parts.tm_mday), 2),
    ].joined(separator: "-")
    let hour = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits(Int($0), 2) }
      .joined(separator: ":")
    return "\(day)T\(hour).\(digits(rest, 9))Z"
  }
}
