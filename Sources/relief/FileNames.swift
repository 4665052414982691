import Glibc
import Scenes
import Synchronization

/// Replaces file names in the program's arguments that are not UTF-8 by names that are.
///
/// File names are bytes, but Swift strings are Unicode. A folder is replaced by its descriptor, `/proc/self/fd/N`, so
/// that all files in it can be read and written. An existing file is replaced by a symbolic link in a temporary folder,
/// with bytes above 127 percent-encoded as in URLs (`M%FCnchen.tif`), so that it can be read. Files with the same name
/// and another extension, such as world files and masks, get links next to it. New files cannot have such names.
enum FileNames {
  /// The path of the folder of links; empty if there is none.
  private static let folder = Mutex("")

  /// The arguments as Unicode strings.
  ///
  /// - Throws: `SceneError` if a name that is not UTF-8 does not exist, or its link cannot be created.
  static func arguments() throws -> [String] {
    let vector = CommandLine.unsafeArgv
    return try (0..<Int(CommandLine.argc)).map { index in
      guard let pointer = vector[index] else { return "" }
      let bytes = Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
      return try String(validating: bytes, as: UTF8.self) ?? alias(ofArgument: bytes)
    }
  }

  /// Throws if a path is in the folder of links, where written files would be lost.
  ///
  /// - Throws: `SceneError` of kind `.usage`.
  static func requireWritable(_ paths: String?...) throws {
    let links = folder.withLock(\.self)
    guard !links.isEmpty else { return }
    for case let path? in paths where path.hasPrefix(links) {
      throw notWritable(String(path.dropFirst(links.count + 1)))
    }
  }

  /// Removes the links and their folder.
  static func removeLinks() {
    let links = folder.withLock(\.self)
    guard !links.isEmpty, let names = names(in: Array(links.utf8)) else { return }
    for name in names { unlink(links + "/" + String(decoding: name, as: UTF8.self)) }
    rmdir(links)
  }

  private static func notWritable(_ name: String) -> SceneError {
    SceneError(
      .usage,
      "“\(name)” is not UTF-8 (each % precedes a byte in hexadecimal), and files with such names can only be read: "
        + "write to another name, and rename the file with mv")
  }

  /// The alias of an argument `path`, or of the path in `--option=path`.
  private static func alias(ofArgument bytes: [UInt8]) throws -> String {
    guard bytes.starts(with: Array("--".utf8)),
      let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    else { return try alias(of: bytes) }
    return String(decoding: bytes[...equals], as: UTF8.self)
      + (try alias(of: Array(bytes[(equals + 1)...])))
  }

  /// A UTF-8 path of the same file or folder.
  private static func alias(of path: [UInt8]) throws -> String {
    let slash = path.lastIndex(of: UInt8(ascii: "/"))
    let parent = slash.map { Array(path[...$0]) } ?? Array("./".utf8)
    let name = Array(path[(slash.map { $0 + 1 } ?? 0)...])
    if let readable = String(validating: name, as: UTF8.self) {
      let descriptor = withCString(parent) { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      guard descriptor >= 0 else { throw failure(parent) }
      return "/proc/self/fd/\(descriptor)/" + readable
    }
    var status = stat()
    guard withCString(path, { lstat($0, &status) }) == 0 else { throw notWritable(escaped(name)) }
    let links = try linkFolder()
    let stem = name.prefix { $0 != UInt8(ascii: ".") }
    guard let full = withCString(parent, { realpath($0, nil) }) else { throw failure(parent) }
    defer { free(full) }
    let absolute = Array(UnsafeRawBufferPointer(start: full, count: strlen(full))) + [0x2F]
    for sibling in names(in: parent) ?? [name] where sibling.starts(with: stem) {
      let link = Array((links + "/" + escaped(sibling)).utf8)
      guard
        withCString(absolute + sibling, { target in withCString(link) { symlink(target, $0) } })
          == 0 || errno == EEXIST
      else { throw failure(link) }
    }
    return links + "/" + escaped(name)
  }

  /// The folder of links, which is created on first use.
  private static func linkFolder() throws -> String {
    try folder.withLock { folder in
      guard folder.isEmpty else { return folder }
      let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
      var template = Array((parent + "/relief-names-XXXXXX").utf8CString)
      guard template.withUnsafeMutableBufferPointer({ mkdtemp($0.baseAddress!) }) != nil else {
        throw failure(Array(parent.utf8))
      }
      folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      return folder
    }
  }

  /// The names of all entries in a folder; nil if it cannot be opened.
  private static func names(in folder: [UInt8]) -> [[UInt8]]? {
    guard let directory = withCString(folder, { opendir($0) }) else { return nil }
    defer { closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
    }
    return names
  }

  /// A name with bytes above 127 and the percent sign percent-encoded, as in URLs.
  private static func escaped(_ name: [UInt8]) -> String {
    name.map { byte in
      byte < 0x80 && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte))
        : (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

  /// The error for a failed system call, from `errno`.
  private static func failure(_ path: [UInt8]) -> SceneError {
    SceneError(.cannotCreate, "\(escaped(path)): \(String(cString: strerror(errno)))")
  }

  private static func withCString<Value>(
    _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws -> Value
  ) rethrows -> Value {
    try (bytes + [0]).withUnsafeBufferPointer { buffer in
      try buffer.withMemoryRebound(to: CChar.self) { try body($0.baseAddress!) }
    }
  }
}
