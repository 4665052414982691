import CProcess
import Glibc
import Synchronization

/// The two streams of the program, unbuffered: what is written is seen, whatever happens next.
///
/// A stream that cannot be written ends no work: progress is for whoever reads it. Standard output carries what a script
/// asked for, so its failure is remembered for the exit code.
enum Console {
  /// `errno` of the first failure of standard output; 0 without one.
  private static let failure = Atomic<Int32>(0)

  /// Makes the streams safe, before any file is opened.
  ///
  /// In place of a closed one stands `/dev/null`, or the next file that is opened would get its number, and the progress
  /// in it. A pipe without a reader and a file at its limit are errors of the write, not the end of the process.
  static func prepare() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)  // takes the lowest free number
    }
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  static func output(_ text: String, terminator: String = "\n") {
    let start = isatty(STDOUT_FILENO) == 1 ? endOfOpenLine() : ""
    let code = write(start + text + terminator, to: STDOUT_FILENO)
    if code != 0 { _ = failure.compareExchange(expected: 0, desired: code, ordering: .relaxed) }
  }

  static func error(_ text: String) {
    _ = write(endOfOpenLine() + text + "\n", to: STDERR_FILENO)
  }

  /// Shows the one line that moves, in place of what it was; what follows begins on a line of its own.
  static func show(movingLine text: String, isLast: Bool) {
    _ = write("\r\u{1B}[K" + text + (isLast ? "\n" : ""), to: STDERR_FILENO)
    cp_set_line_open(!isLast)
  }

  /// Why what standard output should carry is not there; nil where it is.
  static var outputFailure: String? {
    let code = failure.load(ordering: .relaxed)
    return code == 0 ? nil : String(cString: strerror(code))
  }

  private static func endOfOpenLine() -> String {
    guard cp_line_is_open() else { return "" }
    cp_set_line_open(false)
    return "\n"
  }

  /// Writes all of it; returns the `errno` of what could not be written, or 0.
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
      case EAGAIN:  // a pipe that somebody has set not to wait
        var pipe = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&pipe, 1, -1)
      case let code: return code == 0 ? EIO : code
      }
    }
    return 0
  }
}
