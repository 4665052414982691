import Foundation
import TestModels
import TestSupport
import Testing

/// A built program of this package, run as a user would run it.
///
/// Unless its environment says otherwise the bundle is a tiny one with weights by formula: its heights mean nothing, and all that is done
/// around them is the same in a fraction of the time.
struct Command {
  let name: String
  var environment: [String: String] = [:]

  /// The bundle that ships, as `$RELIEF_MODEL`.
  static let shipped = ["RELIEF_MODEL": root + "/SampleData/bundle"]

  private static let formulaFolder = Swift.Result { try TemporaryFolder() }

  /// Made once, removed when the tests end.
  static let formulaBundle = Swift.Result {
    let path = try formulaFolder.get()("tiny")
    _ = try FormulaBundleKind.tiny.write(to: path)
    atexit { try? FileManager.default.removeItem(atPath: Command.formulaFolder.get().path) }
    return path
  }

  struct Result {
    let code: Int32
    let output: String
    let errors: String
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The sample scene, small enough for a test when a part of it is asked for.
  static let sample = root + "/SampleData/ridges_rgbn.tif"

  /// Tests and programs are built into one folder.
  var path: String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name).path
  }

  /// Runs a line of the shell, with the program as `$0` and the arguments as `$@`.
  func shell(_ line: String, _ arguments: [String], in folder: String) throws -> Result {
    let shell = Command(name: "/bin/sh", environment: environment)
    return try shell.run(["-c", line, path] + arguments, in: folder)
  }

  /// Starts it; the caller waits.
  func start(_ arguments: [String], in folder: String? = nil) throws -> (Process, Pipe, Pipe) {
    let process = Process()
    process.executableURL = URL(filePath: name.hasPrefix("/") ? name : path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment
      .merging(["RELIEF_MODEL": try Self.formulaBundle.get()]) { $1 }
      .merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    return (process, output, errors)
  }

  /// Runs it to its end; what it writes to standard error must fit in a pipe.
  func callAsFunction(_ arguments: String...) throws -> Result { try run(arguments) }

  func run(_ arguments: [String], in folder: String? = nil) throws -> Result {
    let (process, output, errors) = try start(arguments, in: folder)
    let outputData = output.fileHandleForReading.readDataToEndOfFile()
    let errorData = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      code: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
      errors: String(decoding: errorData, as: UTF8.self))
  }
}
