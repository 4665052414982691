import ArgumentParser
import Foundation
import Grids
import Scenes

/// `relief status DEM`.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Says how far an output is: tiles done, skipped and failed, or finished.",
    discussion: "Changes nothing; a run that is at work on the output goes on undisturbed.")

  @Argument(help: ArgumentHelp("The output, whether or not it is there yet.", valueName: "dem"))
  var output: String

  @Flag(help: "One JSON object, for programs.")
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

  private static func lines(_ status: OutputStatus) -> [String] {
    var lines: [String] = []
    if let run = status.unfinished {
      lines += [
        "run       \(run.folder), "
          + (run.writer.map { "at work: \($0)" } ?? "nobody is at work on it"),
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
