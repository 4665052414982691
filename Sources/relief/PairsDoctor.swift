import ArgumentParser
import Foundation
import PairChecks
import Pairs
import Scenes

/// The command `relief pairs doctor LIST`, which checks pairs of image and DEM.
struct PairsDoctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Checks pairs of image and DEM for problems that would spoil training.",
    discussion: """
      The checks cover offsets between image and DEM, estimated from the shading of slopes, with an interval or \
      “unknown”; the sun azimuth, estimated from the same shading; impossible coordinates; nodata values stored as \
      heights; heights stretched to bytes; terraces; a DSM declared as DTM; and areas shared by two splits.

      Examples:
        relief pairs doctor pairs.csv --html report.html
        relief pairs doctor pairs.csv --fail-on error --exclude evaluation-only.tsv
        relief pairs doctor ImageToDEM-Med --split-file Medstage1-1.txt … --split-file Medstage1-5.txt
      """)

  @Argument(help: "The list of pairs: CSV, JSON or an RS3DBench folder.")
  var list: String

  @Flag(help: "Print one JSON object instead of a table.")
  var json = false

  @Option(help: ArgumentHelp("Write a page with pictures to this HTML file.", valueName: "path"))
  var html: String?

  @Option(
    help: ArgumentHelp("Write a table with one line per pair to this CSV file.", valueName: "path"))
  var csv: String?

  @Flag(help: "Replace existing files of --html and --csv.")
  var overwrite = false

  @Option(
    help: ArgumentHelp(
      "A file with one of the five parts of an RS3DBench area's training tiles; give it five times.",
      valueName: "path"))
  var splitFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "Exit with 65 if a pair is in this exclusion list (columns path and why).", valueName: "list")
  )
  var exclude: String?

  @Option(
    help: "Exit with 1 if there is a finding of this severity or higher: note, warning or error.")
  var failOn: PairFinding.Severity?

  @Option(
    help: ArgumentHelp("The largest offset to search for, in pixels, 2 to 32.", valueName: "pixels")
  )
  var mostShift = 8

  func validate() throws {
    guard (2...32).contains(mostShift) else {
      throw ValidationError("--most-shift \(mostShift), expected 2 to 32 pixels")
    }
    guard !overwrite || html != nil || csv != nil else {
      throw ValidationError("--overwrite requires --html or --csv, whose files it replaces")
    }
  }

  func run() async throws {
    let pairs = try PairList(reading: list, splitFiles: splitFile)
    if let exclude { try ExclusionList(reading: exclude).refuse(pairs.pairs) }
    let files = try ReportFiles([html, csv], overwrite: overwrite)
    var doctor = PairDoctor()
    doctor.shift.radius = mostShift
    doctor.keepsPictures = html != nil
    let configured = doctor
    let report = try await Interruption.cancelling(
      Task { try await configured.examine(pairs) }, losing: "no files were written")
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
    guard let failOn, let severity = report.severity, severity >= failOn else { return }
    Console.error(
      "relief: \(list) has findings of severity \(severity.rawValue), expected none of \(failOn.rawValue) or higher"
    )
    throw ExitCode(1)  // a check failed
  }
}
