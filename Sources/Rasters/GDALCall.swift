import CGDAL

/// The purpose of a GDAL call, which determines the kind of error of a failure.
enum Operation {
  case reading, creating, writing
}

/// The failures and warnings that GDAL reported during a call.
struct GDALLog {
  var failures: [(code: CPLErrorNum, message: String)] = []
  var warnings: [String] = []
  /// What `CPL_DEBUG` asks for, if it was caught.
  var debug: [String] = []
}

/// Runs GDAL calls synchronously and collects the failures and warnings that they report.
///
/// GDAL's stack of error handlers is per thread, so `body` must not suspend, which a synchronous closure cannot.
/// The output of `CPL_DEBUG` goes to stderr unless `catchesDebug` is true.
func logging<Value>(
  catchesDebug: Bool = false, _ body: () -> Value
) -> (value: Value, log: GDALLog) {
  let collector = Collector()
  return withExtendedLifetime(collector) {
    CPLPushErrorHandlerEx(collect, Unmanaged.passUnretained(collector).toOpaque())
    CPLSetCurrentErrorHandlerCatchDebug(catchesDebug ? 1 : 0)
    defer { CPLPopErrorHandler() }
    let value = body()
    return (value, collector.log)
  }
}

/// Returns the value of a GDAL call that returns NULL on failure.
///
/// The message begins with the subject of the call: a path, a band of a path.
func gdal<Value>(
  _ operation: Operation, _ subject: @autoclosure () -> String, _ body: () -> Value?
) throws(RasterError) -> Value {
  let (value, log) = logging(body)
  guard let value else { throw RasterError(operation, subject(), log) }
  return value
}

/// Runs a GDAL call that returns a `CPLErr`.
///
/// A reported failure counts even if the call then returns `CE_None`: GDAL does so for pixels that a codec could not
/// decode, and often for a full disk.
func gdal(
  _ operation: Operation, _ subject: @autoclosure () -> String, _ body: () -> CPLErr
) throws(RasterError) {
  let (status, log) = logging(body)
  guard status.rawValue < CE_Failure.rawValue, log.failures.isEmpty else {
    throw RasterError(operation, subject(), log)
  }
}

extension RasterError {
  init(_ operation: Operation, _ subject: String, _ log: GDALLog) {
    let last = log.failures.last ?? (CPLE_AppDefined, "GDAL failed and gave no reason")
    self.init(
      Kind(operation, last.code),
      last.message.hasPrefix(subject) ? last.message : "\(subject): \(last.message)",
      earlier: log.failures.dropLast().map(\.message))
  }
}

extension RasterError.Kind {
  init(_ operation: Operation, _ code: CPLErrorNum) {
    switch (operation, code) {
    case (_, CPLE_UserInterrupt): self = .cancelled
    case (_, CPLE_OutOfMemory), (.writing, _): self = .io
    case (.creating, CPLE_FileIO): self = .io
    case (.creating, _): self = .cannotCreate
    case (.reading, CPLE_FileIO), (.reading, CPLE_HttpResponse): self = .io
    case (.reading, _): self = .badData
    }
  }
}

private final class Collector {
  var log = GDALLog()
}

private func collect(_ severity: CPLErr, _ code: CPLErrorNum, _ message: UnsafePointer<CChar>?) {
  guard let message, let data = CPLGetErrorHandlerUserData() else { return }
  let collector = Unmanaged<Collector>.fromOpaque(data).takeUnretainedValue()
  let text = GuardedFiles.plain(String(cString: message))
  switch severity {
  case CE_Failure, CE_Fatal: collector.log.failures.append((code, text))
  case CE_Warning: collector.log.warnings.append(text)
  case CE_Debug: collector.log.debug.append(text)
  default: break
  }
}
