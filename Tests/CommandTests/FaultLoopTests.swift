import Foundation
import Testing

/// Calls on files that fail once, each in a whole run; see `Tests/FaultLoop`.
@Suite struct FaultLoopTests {
  /// A sample of each kind, or with RELIEF_FAULT_LOOP=all each of the first 50 calls.
  @Test func `a run in which a call fails ends in order, and the same command mends it`() throws {
    let isWhole = ProcessInfo.processInfo.environment["RELIEF_FAULT_LOOP"] == "all"
    let faults =
      isWhole
      ? ["1"]
      : [
        "30", "write:4:.f32", "write:28:.f32", "write:5:.scratch.tif", "short:0:.f32", "fsync:5",
        "rename:5", "unlink:13",
      ]
    let script = Command.root + "/Tests/FaultLoop/fault-loop.sh"
    let result = try Command(name: "/bin/bash").run(
      [script, Command(name: "relief").path, Command.formulaBundle.get()] + faults)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    if isWhole { print(result.output) }
  }
}
