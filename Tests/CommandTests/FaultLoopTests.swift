import Foundation
import Testing

/// Runs in which a single file operation fails; see `Tests/FaultLoop`.
@Suite struct FaultLoopTests {
  /// Tests some calls of each kind, or each of the first 50 calls with `RELIEF_TESTS=all`.
  @Test func `a run in which a call fails is completed by the same command`() throws {
    let faults =
      Command.areTestsComplete
      ? ["1"]
      : [
        "30", "write:4:.tile", "write:28:.tile", "write:5:.scratch.tif", "short:0:.tile", "fsync:5",
        "rename:5", "unlink:13",
      ]
    let script = Command.root + "/Tests/FaultLoop/fault-loop.sh"
    let bash = Command(
      name: "/bin/bash", environment: ["SCENE": try Command.part.get(), "WINDOW": "10,10,140,140"])
    let result = try bash.run(
      [script, Command(name: "relief").path, Command.formulaBundle.get()] + faults)
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    if Command.areTestsComplete { print(result.output) }
  }
}
