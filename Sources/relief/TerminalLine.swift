import CProcess
import Glibc

/// Fits text into one line of the terminal.
enum TerminalLine {
  /// The width in columns of the terminal on standard error; 80 if it is unknown.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// The text cut before the last column, because some terminals wrap a line that reaches it.
  static func clipped(_ text: String, to columns: Int) -> String {
    var used = 0
    let end = text.indices.first { index in
      used += text[index].unicodeScalars.reduce(0) { $0 + Int(cp_columns($1.value)) }
      return used >= columns
    }
    return String(text[..<(end ?? text.endIndex)])
  }
}
