import Foundation
import Grids
import Rasters
import TestModels
import TestSupport
import Testing

/// A built program of this package, run as a user would run it.
///
/// By default, `$RELIEF_MODEL` is a tiny bundle whose weights are computed by a formula: its heights are meaningless,
/// but everything else works as with a real bundle in a fraction of the time.
struct Command {
  let name: String
  var environment: [String: String] = [:]

  /// An environment that selects the shipped bundle.
  static let shipped = ["RELIEF_MODEL": root + "/SampleData/bundle"]

  /// The folder of what tests share, which is removed when the tests end.
  private static let sharedFolder = Swift.Result { try TemporaryFolder() }

  /// The tiny bundle, which is created once; every test of the command needs it.
  static let formulaBundle = Swift.Result {
    let path = try sharedFolder.get()("tiny")
    _ = try FormulaBundleKind.tiny.write(to: path)
    atexit { try? FileManager.default.removeItem(atPath: Command.sharedFolder.get().path) }
    return path
  }

  /// The window of `part` in the sample.
  static let partWindow = Window(column: 320, row: 320, width: 320, height: 320)

  /// A part of the sample, 320 × 320 pixels, as a scene that takes a tenth of the time; it is created once.
  static let part = Swift.Result {
    let path = try sharedFolder.get()("part.tif")
    try writePart(partWindow, to: path)
    return path
  }

  /// Writes a part of the sample as a scene.
  static func writePart(_ part: Window, to path: String) throws {
    try TestSupport.writePart(part, of: sample, bands: [1, 2, 3], to: path)
  }

  /// Whether loops over faults and kills are complete, as with `RELIEF_TESTS=all`, and not samples.
  static let areTestsComplete = ProcessInfo.processInfo.environment["RELIEF_TESTS"] == "all"

  /// The exit code and output of a finished program.
  struct Result {
    let code: Int32
    let output: String
    let errors: String
  }

  /// The root folder of the package.
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The sample scene; a part of it is small enough for a test.
  static let sample = root + "/SampleData/ridges_rgbn.tif"

  /// The path of the program, which is built into the same folder as the tests.
  var path: String {
    URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: name).path
  }

  /// Runs a shell command line, with the program as `$0` and the arguments as `$@`.
  func shell(_ line: String, _ arguments: [String], in folder: String) throws -> Result {
    let shell = Command(name: "/bin/sh", environment: environment)
    return try shell.run(["-c", line, path] + arguments, in: folder)
  }

  /// Starts the program and returns it with its standard output and standard error; the caller must wait for it.
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

  /// Starts the program with `--progress json`, and waits until it processes coarse tiles or trains.
  ///
  /// - Returns: The program, its standard output and standard error, and what it has printed so far.
  func startUntilCoarse(
    _ arguments: [String], in folder: String? = nil
  ) throws -> (process: Process, output: Pipe, errors: Pipe, events: String) {
    let (process, output, errors) = try start(arguments, in: folder)
    var events = ""
    while !events.contains("\"part\":\"coarse\"") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { break }
      events += String(decoding: data, as: UTF8.self)
    }
    return (process, output, errors, events)
  }

  /// Runs the program to its end.
  ///
  /// Its standard error must fit into the buffer of a pipe.
  func callAsFunction(_ arguments: String...) throws -> Result { try run(arguments) }

  /// Runs the program to its end in a folder.
  ///
  /// Its standard error must fit into the buffer of a pipe.
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
