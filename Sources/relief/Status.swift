import ArgumentParser
import Foundation
import Grids
import Scenes

/// The command `relief status DEM`, which shows the progress of a run.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Shows the progress of an output: tiles done, skipped and failed, or finished.",
    discussion: "Read-only: does not disturb a run that is working on the output.")

  @Argument(help: ArgumentHelp("The output raster, which need not exist yet.", valueName: "dem"))
  var output: String

  @Flag(help: "Print one JSON object instead of text.")
  var json = false

  func run() throws {
    let status = try OutputStatus(of: OutputOptions(output))
    guard json else {
      for line in Self.lines(status) { Console.output(line) }
      return
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    Console.output(String(decoding: try encoder.encode(status), as: UTF8.self))
  }

  /// The status as text lines.
  private static func lines(_ status: OutputStatus) -> [String] {
    var lines: [String] = []
    if let run = status.unfinished {
      lines += [
        "run       \(run.folder), "
          + (run.writer.map { "at work: \($0)" } ?? "no process is at work on it"),
        "scene     \(run.scene), window \(run.area)",
        "bundle    \(run.bundle)",
      ]
      for stage in run.stages {
        let name = stage.stage.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
        lines.append(
          "\(name) \(stage.done) done, \(stage.skipped) skipped, \(stage.failed.count) failed"
            + " of \(stage.wanted) tiles")
        lines += stage.failed.map { "failed    \($0)" }
      }
    }
    if let tags = status.tags {
      let isWhole = status.holes == nil
      lines.append("output    \(status.output) is \(isWhole ? "finished" : "written, with holes")")
      for key in tags.keys.sorted() where key.hasPrefix("RELIEF_") || key == "HEIGHT" {
        lines.append("          \(key)=\(tags[key] ?? "")")
      }
    }
    return lines
  }
}
