import CGDAL
import Files
import Glibc

/// An operation on a file of one of GDAL's virtual file systems, repeated while its failure may pass.
///
/// GDAL 3.6 itself repeats neither listings nor what ended with a reset connection or a short body. So its own retries
/// are off here, and its settings `GDAL_HTTP_MAX_RETRY` and `GDAL_HTTP_RETRY_DELAY` (in seconds, doubled for each
/// retry) control these.
/// Source: https://gdal.org/user/virtual_file_systems.html and https://gdal.org/user/configoptions.html.
struct ObjectRequest {
  /// What is done, for the message.
  let operation: FileError.Operation
  /// The path of the file, or of the folder of a listing.
  let path: String

  private static let defaultRetries = 5
  private static let defaultDelay = 0.5
  /// Ends requests that cannot connect, that stall, and that take too long, in seconds.
  private static let timeouts = [
    "GDAL_HTTP_CONNECTTIMEOUT": "10", "GDAL_HTTP_LOW_SPEED_TIME": "30", "GDAL_HTTP_TIMEOUT": "300",
  ]

  init(_ operation: FileError.Operation, _ path: String) {
    (self.operation, self.path) = (operation, path)
  }

  /// Whether the file system is one of a server.
  var isRemote: Bool { !path.hasPrefix("/vsimem/") }

  /// Runs the operation.
  ///
  /// - Parameters:
  ///   - body: Calls GDAL, and returns nil if that failed.
  ///   - whenFailed: Returns the value that the server's answer stands for although the call failed; nil for a failure.
  /// - Returns: The value of either.
  /// - Throws: `FileError` with the last answer of the server.
  func run<Value>(
    _ body: () -> Value?, whenFailed: (ServerAnswer) -> Value? = { _ in nil }
  ) throws(FileError) -> Value {
    let retries =
      GDAL.configuration("GDAL_HTTP_MAX_RETRY").flatMap { Int($0) } ?? Self.defaultRetries
    var delay =
      GDAL.configuration("GDAL_HTTP_RETRY_DELAY").flatMap { Double($0) } ?? Self.defaultDelay
    var tries = 0
    while true {
      if isRemote { try prepare(isRepeated: tries > 0) }
      let (value, log) = isRemote ? attempt(body) : logging(body)
      let answer = ServerAnswer(log.debug)
      if log.failures.isEmpty {
        if let value, answer.isSuccess || !isRemote { return value }
        if let value = whenFailed(answer) { return value }
      }
      tries += 1
      guard isRemote, answer.isTransient, tries <= retries, !Task.isCancelled else {
        throw error(answer, log.failures.last?.message, tries)
      }
      CPLSleep(delay * Double.random(in: 1...1.25))
      delay *= 2
    }
  }

  /// Makes GDAL forget what it has cached about the file.
  ///
  /// - Throws: `FileError` if there are no credentials. GDAL looks for them here, and not while its log is caught.
  private func prepare(isRepeated: Bool) throws(FileError) {
    VSIErrorReset()
    // A cached listing of the folder may be why no request was made.
    VSICurlPartialClearCache(isRepeated ? FileSystem.directory(of: path) : path)
    guard VSIGetLastErrorNo() == VSIE_AWSInvalidCredentials else { return }
    let finding = String(cString: VSIGetLastErrorMsg())
    throw FileError(
      operation, path, code: EACCES, reason: "\(finding), expected credentials: set \(keys)")
  }

  private func attempt<Value>(_ body: () -> Value?) -> (value: Value?, log: GDALLog) {
    let isDebugged = GDAL.configuration("CPL_DEBUG") != nil
    let settings = PinnedSettings(settings)
    defer {
      settings.release()
      VSICurlPartialClearCache(path)
    }
    let (value, log) = logging(catchesDebug: true, body)
    if isDebugged { for line in log.debug { CPLDefaultErrorHandler(CE_Debug, CPLE_None, line) } }
    return (value, log)
  }

  private var settings: [String: String] {
    [
      "CPL_DEBUG": ServerAnswer.categories, "CPL_CURL_VERBOSE": "YES",
      "CPL_CURL_VERBOSE_DATA_IN": "NO", "GDAL_HTTP_MAX_RETRY": "0", "VSI_CACHE": "NO",
      // Neither a listing before a file is read, nor a second request for the rest of it.
      "GDAL_DISABLE_READDIR_ON_OPEN": "YES",
      "GDAL_INGESTED_BYTES_AT_OPEN": operation == .read ? "10485760" : "1024",
      // The extensions that a user allows are those of scenes.
      "CPL_VSIL_CURL_ALLOWED_FILENAME": path,
    ].merging(Self.timeouts.filter { GDAL.configuration($0.key) == nil }) { $1 }
  }

  private var isS3: Bool { path.hasPrefix("/vsis3/") }
  private var keys: String {
    isS3 ? "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" : "GDAL's credentials for \(path)"
  }
  private var place: String {
    isS3 ? "AWS_S3_ENDPOINT and AWS_REGION" : "GDAL's endpoint for \(path)"
  }

  private func error(_ answer: ServerAnswer, _ message: String?, _ tries: Int) -> FileError {
    let finding = answer.finding ?? message ?? "GDAL made no request and gave no reason"
    let (code, rest): (Int32, String) =
      if !isRemote {
        (EIO, "")
      } else if answer.isMissingBucket {
        (0, ", expected an existing bucket: check its name, \(place)")
      } else if [401, 403].contains(answer.codes.last) {
        (EACCES, ", expected permission: check \(keys)")
      } else if answer.isTransient {
        (
          EIO,
          """
           (tries: \(tries)), expected a complete answer: check \(place), or run again with \
          GDAL_HTTP_MAX_RETRY=\(2 * tries)
          """
        )
      } else {
        (0, ", expected success: check \(place)")
      }
    return FileError(operation, path, code: code, reason: finding + rest)
  }
}
