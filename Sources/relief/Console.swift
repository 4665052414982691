import CProcess
import Glibc
import Synchronization

/// Writes to standard output and standard error, without buffering.
///
/// A write that fails does not end the run, since progress is only informational. Standard output carries results for
/// scripts, so its first failure is recorded for the exit code.
enum Console {
  /// The `errno` of the first failed write to standard output, or 0.
  private static let failure = Atomic<Int32>(0)

  /// Makes the streams safe to use.
  ///
  /// Must be called before any file is opened.
  /// Replaces closed streams by `/dev/null`; otherwise the next opened file would get the stream's descriptor and
  /// receive the program's output. A pipe without a reader (SIGPIPE) and a file at its size limit (SIGXFSZ) become
  /// write errors instead of ending the process.
  static func prepare() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)  // takes the lowest free number
    }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// Writes a line to standard output.
  static func output(_ text: String, terminator: String = "\n") {
    let start = isatty(STDOUT_FILENO) == 1 ? endOfOpenLine() : ""
    let code = write(start + text + terminator, to: STDOUT_FILENO)
    if code != 0 { _ = failure.compareExchange(expected: 0, desired: code, ordering: .relaxed) }
  }

  /// Writes a line to standard error.
  static func error(_ text: String) {
    _ = write(endOfOpenLine() + text + "\n", to: STDERR_FILENO)
  }

  /// Replaces the progress line on standard error; later messages start on a new line.
  static func show(progressLine text: String, isLast: Bool) {
    _ = write("\r\u{1B}[K" + text + (isLast ? "\n" : ""), to: STDERR_FILENO)
    cp_set_line_open(!isLast)
  }

  /// Why standard output could not be written; nil if all writes succeeded.
  static var outputFailure: String? {
    let code = failure.load(ordering: .relaxed)
    return code == 0 ? nil : String(cString: strerror(code))
  }

  /// A line break if standard error is in the middle of a line, else an empty string.
  private static func endOfOpenLine() -> String {
    guard cp_line_is_open() else { return "" }
    cp_set_line_open(false)
    return "\n"
  }

  /// Writes all of the text; returns the `errno` of the failed write, or 0.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:  // a pipe that another process has set to non-blocking
        var pipe = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&pipe, 1, -1)
      case let code: return code == 0 ? EIO : code
      }
    }
    return 0
  }
}
