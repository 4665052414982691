import ArgumentParser
import CProcess
import Foundation
import Rasters
import Scenes
import Tensors

/// The entry point: sets up the process before the first thread starts, runs the command, and exits with its code.
@main enum Program {
  static func main() {
    Console.prepare()
    cp_exit_on_truncated_file()
    requireAddressSpace()
    Memory.retainFreedMemory()
    boundCache()
    // Detached, because a task of the main actor would wait for the main thread, which waits for signals.
    Task.detached(executorPreference: BlockingExecutor.shared) {
      let code = await run()
      FileNames.removeLinks()
      Foundation.exit(code)
    }
    Interruption.wait()
  }

  /// Parses and runs a command, and reports its outcome.
  ///
  /// - Returns: The exit code.
  private static func run() async -> Int32 {
    let printsEvents = Self.requestsEvents(CommandLine.arguments)
    if printsEvents { cp_print_errors_as_events() }
    var outcome = Outcome(.done, "")
    do {
      if let level = CPU.unsupportedLevel {
        throw SceneError(
          .usage,
          "RELIEF_CPU_LEVEL is “\(level)”, expected default, x86-64-v3 or x86-64-v4, and at most "
            + "\(CPU.kernelLevel), which this processor supports: unset RELIEF_CPU_LEVEL")
      }
      let arguments = CommandName.withCurrentSpelling(try FileNames.arguments().dropFirst())
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
    // The work is done, but its result could not be printed.
    guard outcome.kind == .done, let reason = Console.outputFailure else {
      return outcome.kind.code
    }
    outcome = Outcome(
      .io,
      "standard output cannot be written: \(reason); everything else is done. Redirect it, as in > report.txt"
    )
    outcome.report(asEvent: false)
    return outcome.kind.code
  }

  /// Limits GDAL's block cache to 128 MB unless the user has set `GDAL_CACHEMAX`.
  ///
  /// GDAL's default is a twentieth of the machine's memory; a row of tiles needs far less.
  private static func boundCache() {
    guard GDAL.configuration("GDAL_CACHEMAX") == nil else { return }
    GDAL.setCacheLimit(bytes: 128 << 20)
    NetworkTransfer.count()
  }

  /// Ends the process if `ulimit -v` leaves less address space than libraries and threads need before the first tile.
  ///
  /// An allocation that fails later could not be handled.
  private static func requireAddressSpace() {
    let needed = 256 << 20
    guard let left = ProcessLimits.freeAddressSpace(), left < needed else { return }
    let outcome = Outcome(
      .missingResource,
      "the memory limit leaves \(Resources.text(left)) for threads and tiles, expected at least "
        + "\(Resources.text(needed)): raise it, as in ulimit -v unlimited")
    outcome.report(asEvent: requestsEvents(CommandLine.arguments))
    _exit(outcome.kind.code)  // an orderly exit would need memory
  }

  /// Whether `--progress json` is among the arguments, which may be otherwise invalid.
  private static func requestsEvents(_ arguments: [String]) -> Bool {
    arguments.contains("--progress=json")
      || zip(arguments, arguments.dropFirst()).contains { $0 == "--progress" && $1 == "json" }
  }
}
