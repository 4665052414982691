import DepthModels
import Foundation
import TestModels
import TestSupport
import Testing

/// Calls on files that fail once, each in a whole run; see `Tests/FaultLoop`.
@Suite struct FaultLoopTests {
  /// A sample of each kind, or with RELIEF_FAULT_LOOP=all each of the first 50 calls.
  @Test func `a run in which a call fails ends in order, and the same command mends it`() throws {
    let folder = try TemporaryFolder()
    let bundle = try FormulaBundleKind.tiny.write(to: folder("tiny"))
    let isWhole = ProcessInfo.processInfo.environment["RELIEF_FAULT_LOOP"] == "all"
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    let script = Process()
    script.executableURL = URL(filePath: "/bin/bash")
    script.arguments =
      [
        Command.root + "/Tests/FaultLoop/fault-loop.sh", program.path + "/relief", bundle.directory,
      ]
      + (isWhole
        ? ["1"]
        : [
          "30", "write:4:.f32", "write:28:.f32", "short:0:.f32", "fsync:5", "rename:5", "unlink:13",
        ])
    let output = Pipe()
    script.standardOutput = output
    try script.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    script.waitUntilExit()
    #expect(script.terminationStatus == 0, "\(text)")
    if isWhole { print(text) }
  }
}
