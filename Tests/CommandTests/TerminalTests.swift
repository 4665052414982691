import Foundation
import TestSupport
import Testing

/// On a terminal, progress is a single line that fits, and messages start on a new line.
@Suite struct TerminalTests {
  /// Runs a program on a terminal of a given width, and sends it SIGINT after it has shown progress several times.
  private static let script = """
    import fcntl, os, pty, signal, struct, sys, termios
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, int(sys.argv[1]), 0, 0))
        os.execv(sys.argv[2], sys.argv[2:])
    text = b""
    sent = False
    while True:
        try: piece = os.read(terminal, 65536)
        except OSError: break
        if not piece: break
        text += piece
        if not sent and text.count(b"coarse") > 2:
            os.kill(pid, signal.SIGINT)
            sent = True
    sys.stdout.buffer.write(text)
    """

  @Test(arguments: [30, 44, 200])
  func `the progress line fits, and the message starts on a new line`(
    columns: Int
  )
    throws
  {
    let python = Command(name: "/usr/bin/python3")
    guard FileManager.default.fileExists(atPath: python.name) else {
      try Test.cancel("needs Python")
    }
    let folder = try TemporaryFolder()
    let result = try python(
      "-c", Self.script, "\(columns)", Command(name: "relief").path, "infer", Command.sample,
      folder("o.tif"), "--steps", "0", "--tile", "64")
    let lines = result.output.replacingOccurrences(of: "\r\n", with: "\n")
      .split(separator: "\n").map(String.init)
    #expect(lines.last?.hasPrefix("relief: interrupted") == true, "\(result.output)")
    let shown = lines.flatMap { $0.components(separatedBy: "\r\u{1B}[K") }
      .filter { $0.hasPrefix("coarse") || $0.hasPrefix("overview") }
    #expect(shown.count > 2)
    #expect(shown.allSatisfy { $0.count < columns }, "\(shown)")
  }
}
