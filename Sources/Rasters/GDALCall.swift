import CGDAL

/// What a stretch of GDAL calls is for; it decides what kind of error a failure is.
enum Operation {
  case reading, creating, writing
}

/// What GDAL said during a call.
struct GDALLog {
  var failures: [(code: CPLErrorNum, message: String)] = []
  var warnings: [String] = []
}

/// Runs a synchronous stretch of GDAL calls and collects what they report.
///
/// GDAL's stack of handlers is per thread, so `body` must not suspend; a synchronous closure cannot.
func logging<Value>(_ body: () -> Value) -> (value: Value, log: GDALLog) {
  let collector = Collector()
  return withExtendedLifetime(collector) {
    CPLPushErrorHandlerEx(collect, Unmanaged.passUnretained(collector).toOpaque())
    CPLSetCurrentErrorHandlerCatchDebug(0)  // who sets CPL_DEBUG wants to see it on stderr
    defer { CPLPopErrorHandler() }
    let value = body()
    return (value, collector.log)
  }
}

/// The value of a GDAL call that answers with NULL when it fails.
///
/// The subject is what the call is about, first in the message: a path, a band of a path.
func gdal<Value>(
  _ operation: Operation, _ subject: @autoclosure () -> String, _ body: () -> Value?
) throws(RasterError) -> Value {
  let (value, log) = logging(body)
  guard let value else { throw RasterError(operation, subject(), log) }
  return value
}

/// The same for the calls that answer with a `CPLErr`.
///
/// A failure that GDAL reports counts even if the call then answers "none": pixels on which a codec choked
/// are not pixels, and a full disk is often only mentioned.
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
  default: break
  }
}
