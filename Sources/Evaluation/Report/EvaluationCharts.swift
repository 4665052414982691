import Reports
import Grids
import Rasters
import Surfaces

/// The pictures and charts of one site.
struct EvaluationCharts: Sendable {
  /// A hillshade of the reference.
  let referenceShade: Picture
  /// A hillshade of the first surface.
  let heightsShade: Picture
  /// A map of ours − reference: blue is too low, red too high, white is zero.
  let differences: Picture
  /// The difference at which colors saturate, in meters.
  let limit: Double
  /// Evenly spaced pairs of the reference and the first surface.
  let pairs: [(x: Double, y: Double)]
  /// The histogram of ours − reference for the first surface.
  let histogram: [(range: ClosedRange<Double>, height: Double)]
  /// The name of the first surface's fit.
  let title: String

  private static let longSide = 420

  init(
    _ inputs: EvaluationInputs, _ candidates: [Candidate], pairs: [(x: Double, y: Double)],
    differences all: [Double]
  ) throws {
    let first = candidates[0]
    title = first.fit.rawValue
    self.pairs = pairs
    let truth = try Self.small(inputs.referencePath, Placement())
    let ours = try Self.small(inputs.heightsPath, first.placement)
    let ground = inputs.common.target.ground
    // The pixel size of the thumbnails in meters; nil if unknown.
    let shrink = Double(inputs.common.target.grid.width) / Double(truth.width)
    let pixel = ground.map { ($0.x * shrink, $0.y * shrink) }
    referenceShade = Self.shaded(truth, pixel)
    heightsShade = Self.shaded(ours, pixel)
    var sorted = all.map(abs)
    limit = sorted.isEmpty ? 1 : max(sorted.quantile(0.95), 1e-6)
    var map = Picture(width: truth.width, height: truth.values.count / truth.width)
    for pixel in truth.values.indices {
      let share = Double(ours.values[pixel] - truth.values[pixel]) / limit
      guard !share.isNaN else { continue }
      let (red, green, blue) = DivergingColors.color(share)
      map.set(pixel, red, green, blue)
    }
    differences = map
    histogram = Self.bars(all)
  }

  private static func shaded(
    _ surface: (values: [Float], width: Int), _ pixel: (Double, Double)?
  ) -> Picture {
    let shading = ReliefShading(of: surface.values, width: surface.width, pixel: pixel)
    return Picture(
      gray: shading.shade(surface.values, width: surface.width), width: surface.width)
  }

  private static func small(
    _ path: String, _ placement: Placement
  ) throws -> (values: [Float], width: Int) {
    let dataset = try Dataset(reading: path)
    let small = try dataset.decimated(longSide: longSide)
    let pixels = try small.read(small.grid.window, bands: [1])
    let band = dataset.bands[0]
    let values = zip(pixels.values, pixels.isValid).map { value, isValid in
      isValid
        ? Float(
          (Double(value) * band.scale + band.offset) * placement.scale + placement.shift) : .nan
    }
    return (values, small.width)
  }

  /// Returns the fraction of differences in 61 bins between the 0.5th and the 99.5th percentile.
  private static func bars(_ all: [Double]) -> [(range: ClosedRange<Double>, height: Double)] {
    guard !all.isEmpty else { return [] }
    var values = all
    let (low, high) = (values.quantile(0.005), values.quantile(0.995))
    guard low < high else { return [(low - 0.5...low + 0.5, 1)] }
    let bars = 61
    let width = (high - low) / Double(bars)
    var counts = [Int](repeating: 0, count: bars)
    for value in all where value >= low && value <= high {
      counts[min(bars - 1, Int((value - low) / width))] += 1
    }
    return counts.enumerated().map { bar, count in
      let from = low + Double(bar) * width
      return (from...from + width, Double(count) / Double(all.count))
    }
  }
}

/// A diverging color map: blue for negative, white for zero, red for positive.
enum DivergingColors {
  /// Returns the color of a value in −1…1; values outside are clamped.
  static func color(_ share: Double) -> (UInt8, UInt8, UInt8) {
    let t = min(max(share, -1), 1)
    let end = t < 0 ? (0.13, 0.34, 0.62) : (0.70, 0.13, 0.11)
    func level(_ channel: Double) -> UInt8 {
      Picture.level(Float(0.97 + (channel - 0.97) * abs(t)))
    }
    return (level(end.0), level(end.1), level(end.2))
  }
}
