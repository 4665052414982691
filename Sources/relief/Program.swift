import ArgumentParser
import CProcess
import Foundation
import Scenes
import Tensors

/// The process: what must hold before the first thread, then the command, then its exit code.
@main enum Program {
  static func main() {
    Console.prepare()
    cp_exit_on_shortened_file()
    requireAddresses()
    Memory.keepFreed()
    // Detached: what is the main actor's would wait for the main thread, which waits for signals.
    Task.detached {
      let code = await run()
      FileNames.removeLinks()
      Foundation.exit(code)
    }
    Interruption.wait()
  }

  /// Parses and runs a command, and says how it ended.
  ///
  /// - Returns: the exit code.
  private static func run() async -> Int32 {
    let printsEvents = Self.asksForEvents(CommandLine.arguments)
    if printsEvents { cp_print_errors_as_events() }
    var outcome = Outcome(.done, "")
    do {
      if let level = CPU.refusedLevel {
        throw SceneError(
          .usage,
          "RELIEF_CPU_LEVEL is “\(level)”, expected default, x86-64-v3 or x86-64-v4, and at most "
            + "\(CPU.kernelLevel), which this processor has: unset RELIEF_CPU_LEVEL")
      }
      let arguments = Array(try FileNames.arguments().dropFirst())
      try CommandName.check(arguments, of: Relief.self)
      var command = try Relief.parseAsRoot(arguments)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      outcome = Outcome(of: error)
      outcome.report(asEvent: printsEvents)
    }
    // The work is done, but who asked does not hear of it.
    guard outcome.kind == .done, let reason = Console.outputFailure else {
      return outcome.kind.code
    }
    outcome = Outcome(
      .io,
      "standard output cannot be written: \(reason); all else is done. Send it to another place, as in > report.txt"
    )
    outcome.report(asEvent: false)
    return outcome.kind.code
  }

  /// Ends the process where `ulimit -v` leaves less than libraries and threads take before the first tile: an allocation
  /// that fails later could not be handled.
  private static func requireAddresses() {
    let needed = 256 << 20
    guard let left = ProcessLimits.freeAddresses(), left < needed else { return }
    let outcome = Outcome(
      .missingResource,
      "the limit on memory leaves \(Resources.text(left)) for threads and tiles, expected at least "
        + "\(Resources.text(needed)): raise it, as in ulimit -v unlimited")
    outcome.report(asEvent: asksForEvents(CommandLine.arguments))
    _exit(outcome.kind.code)  // what else would end in order needs memory
  }

  /// Whether `--progress json` is among the arguments, though they may not be understood.
  private static func asksForEvents(_ arguments: [String]) -> Bool {
    arguments.contains("--progress=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--progress" && $1 == "json" }
  }
}
