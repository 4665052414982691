import CGDAL
import Files

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The GDAL file system through which GeoTIFFs are written: `/vsirelief/` followed by the path of a local file.
///
/// GDAL writes through C's buffered streams, which report a failed write late or never. Its TIFF library then follows
/// offsets in a file that does not contain what it has written, and may loop forever (`TIFFRewriteDirectory`). Here a
/// failed write is reported immediately, as a failure of the call during which it happened, and the file is neither
/// read nor written after that.
///
/// Source: https://gdal.org/en/stable/api/cpl.html, `VSIInstallPluginHandler`.
enum GuardedFiles {
  private static let prefix = "/vsirelief/"

  /// Returns the path through which GDAL writes a file; paths in GDAL's own file systems are returned unchanged.
  static func name(_ path: String) -> String {
    guard !path.hasPrefix("/vsi") else { return path }
    _ = installed
    return prefix + path
  }

  /// Returns a GDAL message with the original paths.
  static func plain(_ message: String) -> String {
    message.contains(prefix) ? message.replacing(prefix, with: "") : message
  }

  /// Installs the file system on first use.
  private static let installed: Void = {
    let callbacks = VSIAllocFilesystemPluginCallbacksStruct()!
    defer { VSIFreeFilesystemPluginCallbacksStruct(callbacks) }
    cgdal_use_local_files(callbacks)
    callbacks.pointee.open = { _, path, access in
      guard let path, let access else { return nil }
      return open(String(cString: path), String(cString: access))
    }
    callbacks.pointee.tell = { vsi_l_offset(file($0).position) }
    callbacks.pointee.seek = { seek(file($0), $1, $2) }
    callbacks.pointee.read = { read(file($0), $1, size: $2, count: $3) }
    callbacks.pointee.write = { write(file($0), $1, size: $2, count: $3) }
    callbacks.pointee.eof = { file($0).isAtEnd ? 1 : 0 }
    callbacks.pointee.flush = { file($0).failure == nil ? 0 : -1 }
    callbacks.pointee.truncate = { handle, size in
      reportingFailure(of: file(handle)) { $0.truncate(to: Int(size)) } ? 0 : -1
    }
    callbacks.pointee.close = { handle in
      let file = Unmanaged<GuardedFile>.fromOpaque(handle!).takeRetainedValue()
      return file.failure == nil ? 0 : -1
    }
    let code = VSIInstallPluginHandler(strdup(prefix), callbacks)  // GDAL keeps the pointer
    precondition(code == 0, "GDAL refused to install the file system \(prefix)")
  }()

  private static func file(_ handle: UnsafeMutableRawPointer?) -> GuardedFile {
    Unmanaged.fromOpaque(handle!).takeUnretainedValue()
  }

  /// Opens a file; `access` is the mode of C's `fopen`.
  private static func open(_ path: String, _ access: String) -> UnsafeMutableRawPointer? {
    let access: GuardedFile.Access =
      access.hasPrefix("w")
      ? .create : access.contains("+") || access.hasPrefix("a") ? .update : .read
    guard let file = try? GuardedFile(path, access) else { return nil }  // GDAL reports errno
    return Unmanaged.passRetained(file).toOpaque()
  }

  private static func seek(_ file: GuardedFile, _ offset: vsi_l_offset, _ origin: Int32) -> Int32 {
    let start =
      switch origin {
      case SEEK_SET: 0
      case SEEK_CUR: file.position
      default: file.size
      }
    let place = start.addingReportingOverflow(Int(truncatingIfNeeded: offset))
    return !place.overflow && file.seek(to: place.partialValue) ? 0 : -1
  }

  private static func read(
    _ file: GuardedFile, _ buffer: UnsafeMutableRawPointer?, size: Int, count: Int
  ) -> Int {
    guard size > 0, count > 0 else { return 0 }
    return reportingFailure(of: file) {
      $0.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: size * count)) / size
    }
  }

  private static func write(
    _ file: GuardedFile, _ bytes: UnsafeRawPointer?, size: Int, count: Int
  ) -> Int {
    guard size > 0, count > 0 else { return 0 }
    return reportingFailure(of: file) {
      $0.write(UnsafeRawBufferPointer(start: bytes, count: size * count)) / size
    }
  }

  /// Runs a call and reports a new system error as a GDAL failure, however GDAL's drivers treat the result.
  private static func reportingFailure<Result>(
    of file: GuardedFile, _ call: (GuardedFile) -> Result
  ) -> Result {
    let hadFailed = file.failure != nil
    let result = call(file)
    if !hadFailed, let failure = file.failure {
      failure.description.withCString { text in
        withVaList([text]) { CPLErrorV(CE_Failure, CPLErrorNum(CPLE_FileIO), "%s", $0) }
      }
    }
    return result
  }
}
