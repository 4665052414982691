import Foundation
public import Grids
public import Surfaces
import Tensors

/// Tiles with unknown scales and offsets over a known relief, to measure the accuracy of their calibration.
///
/// The relief is fractal, with a quarter of sea. It has a range of 0…1000 m over 2048 pixels and the same roughness
/// over larger extents. Tiles are 64 pixels wide with an overlap of 16. Each shows (h − b)/s with log-normal s
/// (0.5) and normal b (300 m). Its errors are relative to its own relief: smooth noise, second-order bending, and
/// outlier pixels. The overview shows an eighth of the pixels along each axis, with smooth noise of 15 % of the
/// scene's standard deviation.
public struct AlignmentTestBed {
  /// The errors of the tiles: noise and bend as shares of their relief, outliers as a share of pixels.
  public struct Errors: Hashable, Sendable {
    /// The smooth noise, as a share of the relief.
    public let noise: Double
    /// The second-order bending, as a share of the relief.
    public let bend: Double
    /// The share of outlier pixels.
    public let outliers: Double

    /// Creates error magnitudes.
    public init(noise: Double, bend: Double, outliers: Double) {
      self.noise = noise
      self.bend = bend
      self.outliers = outliers
    }
  }

  /// The side of a tile in pixels.
  public static let tileSide = 64
  /// The overlap of adjacent tiles in pixels.
  public static let overlap = 16
  private static let overviewScale = 8

  /// The tiles of the scene.
  public let tiles: TileGrid
  private let errors: Errors
  private let heights: [Float]
  private let overview: [Float]
  private let overviewGrid: Grid
  private let scales: [Double]
  private let shifts: [Double]
  private let seed: UInt64

  /// Creates a scene with the given numbers of tile rows and columns.
  public init(rows: Int, columns: Int, errors: Errors, seed: UInt64 = 42) {
    let stride = Self.tileSide - Self.overlap
    let tiles = TileGrid(
      width: columns * stride + Self.overlap, height: rows * stride + Self.overlap,
      tileWidth: Self.tileSide, tileHeight: Self.tileSide, overlap: Self.overlap)
    self.tiles = tiles
    self.errors = errors
    self.seed = seed
    var generator = SplitMix64(seed: seed)
    let heights = Self.relief(width: tiles.width, height: tiles.height, generator: &generator)
    var noise = Normal()
    scales = (0..<tiles.count).map { _ in exp(0.5 * noise.next(using: &generator)) }
    shifts = (0..<tiles.count).map { _ in 300 * noise.next(using: &generator) }
    self.heights = heights
    let k = Self.overviewScale
    let small = Grid(width: tiles.width / k, height: tiles.height / k)
    let means = (0..<small.width * small.height).map { cell in
      var sum: Float = 0
      for row in 0..<k {
        let start = (cell / small.width * k + row) * tiles.width + cell % small.width * k
        sum += heights[start..<start + k].reduce(0, +)
      }
      return sum / Float(k * k)
    }
    let error = smoothed(
      means.map { _ in Float(noise.next(using: &generator)) }, width: small.width, sigma: 6)
    let share = Float(0.15) * Self.deviation(heights) / Self.deviation(error)
    overview = zip(means, error).map { $0 + share * $1 }
    overviewGrid = small
  }

  private static func relief(
    width: Int, height: Int, generator: inout SplitMix64
  ) -> [Float] {
    let side = Self.side(width, height)
    let field = FractalField(side: side, generator: &generator)
    var heights = (0..<height).flatMap { field.values[$0 * side..<$0 * side + width] }
    let (low, high) = (heights.min() ?? 0, heights.max() ?? 1)
    let range = range(side)
    for i in heights.indices { heights[i] = (heights[i] - low) / (high - low) * range }
    let sample = stride(from: 0, to: heights.count, by: max(1, heights.count / 1_000_000))
      .map { heights[$0] }.sorted()
    let sea = sample[sample.count / 4]
    for i in heights.indices { heights[i] = max(heights[i], sea) }
    return heights
  }

  /// Returns the side of the field that the relief is cut from.
  private static func side(_ width: Int, _ height: Int) -> Int {
    var side = 1
    while side < max(width, height) { side *= 2 }
    return side
  }

  /// Returns the height range before the sea is added: for a spectrum with an amplitude of |frequency|^−1.8,
  /// heights grow as the extent to the power of 0.8.
  private static func range(_ side: Int) -> Float { 1000 * pow(Float(side) / 2048, 0.8) }

  private static func deviation(_ values: [Float]) -> Float {
    var (sum, squares) = (0.0, 0.0)
    for value in values {
      sum += Double(value)
      squares += Double(value) * Double(value)
    }
    let mean = sum / Double(values.count)
    return Float(max(squares / Double(values.count) - mean * mean, 0).squareRoot())
  }

  private func truth(_ tile: TileIndex) -> [Float] {
    let window = tiles.window(of: tile)
    return window.rows.flatMap { row in
      heights[row * tiles.width + window.column..<row * tiles.width + window.columns.upperBound]
    }
  }

  /// Returns the simulated network output of a tile, `[row, column]`; it is deterministic.
  private func observed(_ tile: TileIndex) -> [Float] {
    let number = tile.row * tiles.columns + tile.column
    var generator = SplitMix64(seed: seed &+ 1 &+ UInt64(number))
    var noise = Normal()
    let truth = truth(tile)
    let relief = max(Self.deviation(truth), 5)
    let side = Self.tileSide
    let smooth = smoothed(
      truth.map { _ in Float(noise.next(using: &generator)) }, width: side, sigma: 3)
    let gain = Float(errors.noise) * relief / Self.deviation(smooth)
    let (a, b, c) = (
      noise.next(using: &generator), noise.next(using: &generator), noise.next(using: &generator)
    )
    let (scale, shift) = (Float(scales[number]), Float(shifts[number]))
    return truth.indices.map { i in
      let (v, u) = (
        Double(i / side) / Double(side) - 0.5, Double(i % side) / Double(side) - 0.5
      )
      let bent = Float(4 * errors.bend * (a * u * u + b * v * v + c * u * v))
      var value = (truth[i] + gain * smooth[i] + relief * bent - shift) / scale
      if Double.random(in: 0..<1, using: &generator) < errors.outliers {
        value += 5 * relief / scale * Float(noise.next(using: &generator))
      }
      return value
    }
  }

  /// Returns the comparisons of adjacent tiles in their overlaps, and of each tile with the overview.
  public func overlaps() -> [TileAlignment.Overlap] {
    var overlaps: [TileAlignment.Overlap] = []
    var above: [[Float]] = []
    for row in 0..<tiles.rows {
      var current: [[Float]] = []
      for column in 0..<tiles.columns {
        let tile = TileIndex(row: row, column: column)
        let values = observed(tile)
        let number = row * tiles.columns + column
        let window = tiles.window(of: tile)
        func compare(_ other: [Float], _ otherTile: TileIndex, _ otherNumber: Int) {
          let otherWindow = tiles.window(of: otherTile)
          let cells = CellGrid(over: window.intersection(otherWindow))
          let fit = AffineFit(
            of: cells.medians(of: other, in: otherWindow),
            to: cells.medians(of: values, in: window))
          if let fit { overlaps.append(.init(of: otherNumber, with: number, fit)) }
        }
        if let left = current.last {
          compare(left, TileIndex(row: row, column: column - 1), number - 1)
        }
        if row > 0 {
          compare(above[column], TileIndex(row: row - 1, column: column), number - tiles.columns)
        }
        if let fit = fitToOverview(values, in: window) {
          overlaps.append(.init(of: number, with: nil, fit))
        }
        current.append(values)
      }
      above = current
    }
    return overlaps
  }

  private func fitToOverview(_ values: [Float], in window: Window) -> AffineFit? {
    let k = Double(Self.overviewScale)
    let cells = CellGrid(over: window, minimumSide: k)
    return AffineFit(
      of: cells.medians(of: values, in: window),
      to: cells.medians(of: overview, in: overviewGrid.window, pixel: (k, k)))
  }

  /// The accuracy of a calibrated mosaic after one affine fit to the truth.
  public struct Evaluation: Hashable, Sendable {
    /// The root mean square error, in percent of the relief's range.
    public let rmse: Double
    /// The median relative error of the scales of tiles with relief.
    public let scaleBias: Double
    /// The standard deviation of the fitted mosaic relative to the truth's.
    public let reliefKept: Double
  }

  /// Evaluates the true scales and offsets of the tiles.
  public func evaluateTruth() -> Evaluation {
    evaluate((0..<tiles.count).map { .init(scale: scales[$0], shift: shifts[$0]) })
  }

  /// Blends the tiles with these calibrations and compares the result with the truth.
  public func evaluate(_ calibrations: [TileAlignment.Calibration?]) -> Evaluation {
    var (n, z, h, zz, zh, hh) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    let band = 8
    // Only sums are accumulated; the fit and its residuals follow from the moments.
    for top in stride(from: 0, to: tiles.rows, by: band) {
      let first = tiles.window(of: TileIndex(row: top, column: 0)).row
      let rowCount = min(band * tiles.rowStride, tiles.height - first)
      let last = top + band >= tiles.rows
      let window = Window(
        column: 0, row: first, width: tiles.width,
        height: last ? tiles.height - first : rowCount)
      var mosaic = Mosaic(over: window, feather: Feather(tiles))
      for tile in tiles.tiles(overlapping: window) {
        guard let calibration = calibrations[tile.row * tiles.columns + tile.column] else {
          continue
        }
        mosaic.add(
          observed(tile), of: tile, scale: Float(calibration.scale), shift: Float(calibration.shift)
        )
      }
      let blended = mosaic.finish()
      for i in blended.indices where !blended[i].isNaN {
        let (value, truth) = (Double(blended[i]), Double(heights[first * tiles.width + i]))
        n += 1
        z += value
        h += truth
        zz += value * value
        zh += value * truth
        hh += truth * truth
      }
    }
    let (vz, vh, c) = (zz / n - z / n * z / n, hh / n - h / n * h / n, zh / n - z / n * h / n)
    let slope = c / vz
    var ratios: [Double] = []
    for tile in tiles.tiles(overlapping: tiles.scene) {
      let number = tile.row * tiles.columns + tile.column
      guard let calibration = calibrations[number], Self.deviation(truth(tile)) > 20 else {
        continue
      }
      ratios.append(calibration.scale * slope / scales[number])
    }
    return Evaluation(
      rmse: max(vh - slope * c, 0).squareRoot()
        / Double(Self.range(Self.side(tiles.width, tiles.height))) * 100,
      scaleBias: ratios.isEmpty ? .nan : ratios.sorted()[ratios.count / 2] - 1,
      reliefKept: slope * (vz / vh).squareRoot())
  }
}
