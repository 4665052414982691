import AlignmentTestBed
import Foundation
import Surfaces

/// Reports the accuracy, time, and memory of the tile alignment on the test bed: `alignment-check [ROWS COLUMNS]`.
///
/// With `alignment-check --fits ROWS COLUMNS`, only the fits of tiles are simulated, as many as a country needs.
@main enum AlignmentCheck {
  static func main() {
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    if CommandLine.arguments.contains("--fits") {
      return solve(SimulatedFits(rows: numbers[0], columns: numbers[1], noise: 0.1), numbers)
    }
    let (rows, columns) = numbers.count >= 2 ? (numbers[0], numbers[1]) : (30, 40)
    let cases =
      numbers.count == 5
      ? [
        AlignmentTestBed.Errors(
          noise: Double(numbers[2]) / 100, bend: Double(numbers[3]) / 100,
          outliers: Double(numbers[4]) / 100)
      ]
      : [(0.1, 0.05, 0), (0.2, 0.1, 0.05), (0.4, 0.2, 0.05)].map {
        AlignmentTestBed.Errors(noise: $0.0, bend: $0.1, outliers: $0.2)
      }
    for errors in cases {
      print(
        "noise \(errors.noise), bend \(errors.bend), outliers \(errors.outliers); \(rows) × \(columns) tiles"
      )
      let bed = AlignmentTestBed(rows: rows, columns: columns, errors: errors)
      report("true scales and offsets", bed.evaluateTruth(), "")
      let all = bed.overlaps()
      for withOverview in [false, true] {
        let overlaps = withOverview ? all : all.filter { $0.second != nil }
        let before = residentBytes()
        var alignment: TileAlignment?
        let time = ContinuousClock().measure {
          alignment = TileAlignment(tiles: rows * columns, overlaps: overlaps)
        }
        guard let alignment else { return }
        let memory =
          peakBytes() - before + overlaps.count * MemoryLayout<TileAlignment.Overlap>.stride
        report(
          withOverview ? "two solves + overview" : "two solves",
          bed.evaluate(alignment.calibrations),
          String(format: "%.2f s, %.0f MB", time / .seconds(1), Double(memory) / 1e6))
      }
    }
  }

  private static func solve(_ fits: SimulatedFits, _ size: [Int]) {
    let before = residentBytes()
    var alignment: TileAlignment?
    let time = ContinuousClock().measure {
      alignment = TileAlignment(tiles: size[0] * size[1], overlaps: fits.overlaps)
    }
    let error = alignment.map { fits.error(of: $0.calibrations) } ?? .nan
    print(
      String(
        format: "%d tiles, %d fits of %.0f MB: %.1f s, %.0f MB more, RMSE %.2f %%",
        size[0] * size[1], fits.overlaps.count,
        Double(fits.overlaps.count * MemoryLayout<TileAlignment.Overlap>.stride) / 1e6,
        time / .seconds(1), Double(peakBytes() - before) / 1e6, error * 100))
  }

  private static func report(_ name: String, _ result: AlignmentTestBed.Evaluation, _ cost: String)
  {
    print(
      "  " + name.padding(toLength: 24, withPad: " ", startingAt: 0)
        + String(
          format: "RMSE %.2f %%  scale %+.1f %%  relief kept %.1f %%  ", result.rmse,
          result.scaleBias * 100, result.reliefKept * 100) + cost)
    fflush(nil)  // a case can take minutes
  }

  /// Returns the resident memory from `/proc/self/status` and resets the peak.
  private static func residentBytes() -> Int {
    try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
    return status("VmRSS:")
  }

  private static func peakBytes() -> Int { status("VmHWM:") }

  private static func status(_ key: String) -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
  }
}
