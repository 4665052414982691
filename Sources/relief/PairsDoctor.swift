import ArgumentParser
import Foundation
import Learning
import Scenes

/// `relief pairs doctor LIST`.
struct PairsDoctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Finds what makes pairs useless for training, before days are spent on it.",
    discussion: """
      Shifts between image and DEM, found by the light on the slopes, with the range in which they lie, or “unknown”; \
      where the sun stood, by the same light; places that can't be; nodata that poses as height; heights of a byte, terraces; a DSM declared as DTM; \
      ground that two splits share.

      Examples:
        relief pairs doctor pairs.csv --html report.html
        relief pairs doctor pairs.csv --fail-on error --exclude evaluation-only.tsv
        relief pairs doctor ImageToDEM-Med --split-file Medstage1-1.txt … --split-file Medstage1-5.txt
      """)

  @Argument(help: "CSV, JSON, or a folder of RS3DBench.")
  var list: String

  @Flag(help: "One JSON object, for programs.")
  var json = false

  @Option(help: ArgumentHelp("A page with pictures.", valueName: "path"))
  var html: String?

  @Option(help: ArgumentHelp("A table of one line a pair.", valueName: "path"))
  var csv: String?

  @Flag(help: "Replace these two files.")
  var overwrite = false

  @Option(
    help: ArgumentHelp("A part of RS3DBench's training tiles; five times.", valueName: "path"))
  var splitFile: [String] = []

  @Option(
    help: ArgumentHelp("End with 65 if a pair is in this list of exclusions.", valueName: "list"))
  var exclude: String?

  @Option(help: "End with 1 if there is a finding as grave as this: note, warning or error.")
  var failOn: PairFinding.Severity?

  @Option(help: ArgumentHelp("Shifts of up to so many pixels are tried.", valueName: "pixels"))
  var mostShift = 8

  func validate() throws {
    guard (2...32).contains(mostShift) else {
      throw ValidationError("--most-shift \(mostShift), expected 2 to 32 pixels")
    }
    guard !overwrite || html != nil || csv != nil else {
      throw ValidationError("--overwrite is for the files of --html and --csv")
    }
  }

  func run() async throws {
    let pairs = try PairList(reading: list, splitFiles: splitFile)
    if let exclude { try ExclusionList(reading: exclude).refuse(pairs.pairs) }
    let files = try ReportFiles([html, csv], overwrite: overwrite)
    var doctor = PairDoctor()
    doctor.shift.radius = mostShift
    doctor.keepsPictures = html != nil
    let asked = doctor
    let report = try await Interruption.cancelling(
      Task { try await asked.examine(pairs) }, losing: "nothing was written")
    let summary = DoctorSummary(report)
    if json {
      let data = try JSONSerialization.data(
        withJSONObject: summary.object, options: [.sortedKeys, .withoutEscapingSlashes])
      Console.output(String(decoding: data, as: UTF8.self))
    } else {
      for line in summary.lines { Console.output(line) }
    }
    if let html { try files.write(report.page(title: "Pairs of \(list)"), to: html) }
    if let csv { try files.write(summary.csv, to: csv) }
    guard let failOn, let gravest = report.severity, gravest >= failOn else { return }
    Console.error(
      "relief: \(list) has findings as grave as \(gravest.rawValue), expected none of \(failOn.rawValue) or more"
    )
    throw ExitCode(1)  // a check failed
  }
}
