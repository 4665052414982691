import Glibc
import Scenes
import Synchronization

/// The program's arguments, in which names of files that are not UTF-8 have become names that are.
///
/// Names of files are bytes, and text in Swift is Unicode. A folder is named by its descriptor, `/proc/self/fd/N`, and all in
/// it can be read and written. A file that is there gets a symbolic link in a folder of its own, and so does all that has
/// its name but for the ending, such as world files and masks, with bytes above 127 written as in URLs (`M%FCnchen.tif`): it
/// can be read. A new file cannot be given such a name.
enum FileNames {
  /// The folder with links; empty without any.
  private static let folder = Mutex("")

  /// - Throws: `SceneError` where nothing has such a name, or no link can be made.
  static func arguments() throws -> [String] {
    let vector = CommandLine.unsafeArgv
    return try (0..<Int(CommandLine.argc)).map { index in
      guard let pointer = vector[index] else { return "" }
      let bytes = Array(UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)))
      return try String(validating: bytes, as: UTF8.self) ?? alias(ofArgument: bytes)
    }
  }

  /// Refuses a path that leads into the folder of links: what is written there would be lost.
  ///
  /// - Throws: `SceneError` of kind `.usage`.
  static func requireWritable(_ paths: String?...) throws {
    let links = folder.withLock(\.self)
    guard !links.isEmpty else { return }
    for case let path? in paths where path.hasPrefix(links) {
      throw notWritable(String(path.dropFirst(links.count + 1)))
    }
  }

  /// Removes the links.
  static func removeLinks() {
    let links = folder.withLock(\.self)
    guard !links.isEmpty, let names = names(in: Array(links.utf8)) else { return }
    for name in names { unlink(links + "/" + String(decoding: name, as: UTF8.self)) }
    rmdir(links)
  }

  private static func notWritable(_ name: String) -> SceneError {
    SceneError(
      .usage,
      "“\(name)” is not UTF-8, as the bytes behind each % show, and such files can be read only: "
        + "write to another name, and rename it with mv")
  }

  /// Of `path`, or of the path in `--option=path`.
  private static func alias(ofArgument bytes: [UInt8]) throws -> String {
    guard bytes.starts(with: Array("--".utf8)),
      let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    else { return try alias(of: bytes) }
    return String(decoding: bytes[...equals], as: UTF8.self)
      + (try alias(of: Array(bytes[(equals + 1)...])))
  }

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

  /// Makes the folder of links, once.
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

  /// Bytes that are no ASCII, and the percent sign, as in URLs.
  private static func escaped(_ name: [UInt8]) -> String {
    name.map { byte in
      byte < 0x80 && byte != UInt8(ascii: "%")
        ? String(UnicodeScalar(byte))
        : (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }

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
