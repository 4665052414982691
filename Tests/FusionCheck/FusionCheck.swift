import Foundation
import Fusion
import Grids
import Rasters
import Surfaces

/// Reports how much nearer to a DEM its averaged cells come when an image sharpens them:
/// `fusion-check IMAGE DEM [HEIGHTS] [--cells 10,5,3] [--spoiled DEM]`, rasters of one size.
///
/// For each cell size in pixels, prints the changes of the RMSE, in percent of that of the enlarged cells: with the
/// image, with the network's heights, with both, and what the test of each source says. With `--spoiled`, the cells are
/// those of another DEM, with errors.
@main enum FusionCheck {
  static func main() throws {
    var words = Array(CommandLine.arguments.dropFirst())
    func option(_ name: String) -> String? {
      guard let place = words.firstIndex(of: name) else { return nil }
      defer { words.removeSubrange(place...place + 1) }
      return words[place + 1]
    }
    let factors = option("--cells")?.split(separator: ",").compactMap { Int($0) } ?? [10, 5, 3]
    let reach = option("--reach").flatMap { Float($0) }
    let spoiled = try option("--spoiled").map { try surface($0).values }
    let bands = try bands(of: words[0])
    let dem = try surface(words[1])
    let network = words.count > 2 ? try surface(words[2]).values : nil
    for factor in factors {
      let cells = Grid(width: dem.grid.width / factor, height: dem.grid.height / factor)
      let spline = CellSpline(cells: cells, factor: factor)
      func part(_ values: [Float]) -> [Float] {
        values.cropped(to: spline.grid.window, from: dem.grid.window)
      }
      let truth = part(dem.values)
      let reference = spline.means(part(spoiled ?? dem.values))
      let survey = ImageSurvey(
        [FusionSample(reference, bands: bands.map(part), on: spline)], sun: nil)
      let integrals = ShadingIntegrals(
        dem.grid, sun: survey.light, reach: reach.map { $0 * Float(factor) })
      let shading = DetailSource(
        "shading", bands.flatMap { integrals.surfaces(of: $0).map(part) })
      let smooth = network.map {
        DetailSource("network", [part(FusionCheck.smoothed($0, on: dem.grid))])
      }
      let before = rms(truth, spline.enlarged(reference))
      var line = "\(factor)".padding(toLength: 4, withPad: " ", startingAt: 0)
      let clock = ContinuousClock()
      var tests: [OctaveTest] = []
      let time = clock.measure {
        // Detail that is not where the reference has it is not added to it.
        let every = [[shading]] + (smooth.map { [[$0], [shading, $0]] } ?? [])
        for sources in every {
          let fused = DetailFusion(reference, with: survey.isShifted ? [] : sources, on: spline)
          tests = fused.tests
          let change = 100 * (rms(truth, fused.heights) / before - 1)
          line += String(
            format: " %+6.1f%@", change, fused.tests.contains { $0.share > 0 } ? " " : "·")
        }
      }
      for test in tests {
        line += String(
          format: "  score %+.3f > %+.3f, factor %.2f", test.score, test.surelyAbove, test.factor)
      }
      if let shift = survey.shift {
        line += String(
          format: "  shift %+.1f %+.1f ± %.1f", shift.columns, shift.rows, shift.deviation)
      }
      if let sun = survey.sun {
        line += String(format: "  sun %3.0f° %.2f", sun.degrees, sun.agreement)
      }
      print(line + "  \(time)")
    }
  }

  static func rms(_ a: [Float], _ b: [Float]) -> Double {
    (zip(a, b).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) } / Double(a.count)).squareRoot()
  }

  static func surface(_ path: String) throws -> (values: [Float], grid: Grid) {
    let dataset = try Dataset(reading: path)
    let window = dataset.grid.window
    let pixels = try dataset.read(window, bands: [1])
    let known = zip(pixels.values, pixels.isValid).map { $1 ? $0 : .nan }
    return (Resampling.filled(known, on: dataset.grid), dataset.grid)
  }

  /// The network's heights without what is finer than it knows.
  static func smoothed(_ values: [Float], on grid: Grid) -> [Float] {
    let filter = HighPass(wavelengthInColumns: 7, rows: 7)
    return zip(values, filter.apply(values, width: grid.width)).map { $0 - $1 }
  }

  static func bands(of path: String) throws -> [[Float]] {
    let dataset = try Dataset(reading: path)
    return try (1...min(4, dataset.bands.count)).map { band in
      let pixels = try dataset.read(dataset.grid.window, bands: [band])
      let known = zip(pixels.values, pixels.isValid).filter(\.1).map(\.0).sorted()
      let (dark, middle) = (known[known.count / 1000], known[known.count / 2])
      let logs = zip(pixels.values, pixels.isValid).map { value, isValid in
        isValid ? log(max(value - 0.8 * dark, 0.01 * middle)) : .nan
      }
      return Resampling.filled(logs, on: dataset.grid)
    }
  }
}
