import Foundation

/// Runs the chosen reader on one input; libFuzzer calls it.
///
/// Source: https://llvm.org/docs/LibFuzzer.html
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  FuzzedReader.chosen.read(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}

/// Files in memory for readers that take a path.
enum Scratch {
  static let folder: String = {
    let folder = "/dev/shm/relief-fuzz-\(getpid())"
    mkdir(folder, 0o700)
    atexit {
      do { try FileManager.default.removeItem(atPath: Scratch.folder) } catch { print("\(error)") }
    }
    return folder
  }()

  /// Writes a file and returns its path.
  static func file(_ name: String, _ bytes: UnsafeRawBufferPointer) -> String {
    let path = folder + "/" + name
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0, "\(path): \(errno)")
    precondition(write(descriptor, bytes.baseAddress, bytes.count) == bytes.count)
    close(descriptor)
    return path
  }
}
