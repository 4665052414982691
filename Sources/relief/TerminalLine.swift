import CProcess
import Glibc

/// Text that fits in one line of the terminal.
enum TerminalLine {
  /// The columns of the terminal on standard error; 80 where it does not say.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// The text without what would reach the last column, where some terminals wrap already.
  static func clipped(_ text: String, to columns: Int) -> String {
    var used = 0
    let end = text.indices.first { index in
      used += text[index].unicodeScalars.reduce(0) { $0 + Int(cp_columns($1.value)) }
      return used >= columns
    }
    return String(text[..<(end ?? text.endIndex)])
  }
}
