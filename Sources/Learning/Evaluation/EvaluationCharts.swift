import Grids
import Rasters
import Surfaces

/// What the report draws of one site.
struct EvaluationCharts: Sendable {
  /// Of the reference, and of the first surface.
  let referenceShade: Picture
  let heightsShade: Picture
  /// Ours − reference: blue is too low, red too high, and white is right.
  let differences: Picture
  /// At which the colours end, in metres.
  let limit: Double
  /// Evenly spread pairs of reference and first surface.
  let pairs: [(x: Double, y: Double)]
  /// Of ours − reference, first surface.
  let histogram: [(range: ClosedRange<Double>, height: Double)]
  /// Which surface that is.
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
    // The pixels of the small pictures, in metres; without a size, relief is shaded as it comes.
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

  /// Shares of the differences in 61 bars between the 0.5th and the 99.5th percentile.
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

/// Blue for too little, red for too much, white for neither.
enum DivergingColors {
  /// −1…1; beyond, the ends.
  static func color(_ share: Double) -> (UInt8, UInt8, UInt8) {
    let t = min(max(share, -1), 1)
    let end = t < 0 ? (0.13, 0.34, 0.62) : (0.70, 0.13, 0.11)
    func level(_ channel: Double) -> UInt8 {
      Picture.level(Float(0.97 + (channel - 0.97) * abs(t)))
    }
    return (level(end.0), level(end.1), level(end.2))
  }
}
