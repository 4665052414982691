import Grids

/// Exact statistics of all valid pixels of a band.
public struct RasterStatistics: Sendable, Hashable {
  /// The minimum.
  public let minimum: Double
  /// The maximum.
  public let maximum: Double
  /// The arithmetic mean.
  public let mean: Double
  /// The population standard deviation √(Σ(x − mean)² / n), as in GDAL.
  public let standardDeviation: Double
  /// Number of valid pixels.
  public let validCount: Int
}

/// Accumulates statistics row by row.
///
/// The sums of each row are computed about the mean of the row and combined by the pairwise update. No precision is
/// lost if heights are large but differ little, and the result depends only on the pixels. Source: Chan, Golub,
/// LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
struct StatisticsAccumulator {
  private var minimum = Double.infinity
  private var maximum = -Double.infinity
  private var mean = 0.0
  private var squares = 0.0
  private var count = 0

  /// Adds the values of one row, except `noData` and NaN.
  mutating func add(_ row: ArraySlice<Float>, noData: Float) {
    let valid = row.lazy.filter { $0 != noData && !$0.isNaN }.map(Double.init)
    var (rowCount, sum) = (0, 0.0)
    for value in valid {
      rowCount += 1
      sum += value
      minimum = min(minimum, value)
      maximum = max(maximum, value)
    }
    guard rowCount > 0 else { return }
    let rowMean = sum / Double(rowCount)
    var rowSquares = 0.0
    for value in valid { rowSquares += (value - rowMean) * (value - rowMean) }
    let total = count + rowCount
    let difference = rowMean - mean
    let share = Double(rowCount) / Double(total)
    mean += difference * share
    squares += rowSquares + difference * difference * Double(count) * share
    count = total
  }

  /// The statistics of all added values; nil if there are none.
  var statistics: RasterStatistics? {
    guard count > 0 else { return nil }
    return RasterStatistics(
      minimum: minimum, maximum: maximum, mean: mean,
      standardDeviation: (squares / Double(count)).squareRoot(), validCount: count)
  }
}

extension RasterStatistics {
  /// Returns the metadata items that GDAL and QGIS read, in full precision.
  static func metadata(_ statistics: RasterStatistics?, pixels: Int) -> [String: String] {
    let percent = 100 * Double(statistics?.validCount ?? 0) / Double(pixels)
    guard let statistics else { return ["STATISTICS_VALID_PERCENT": "\(percent)"] }
    return [
      "STATISTICS_MINIMUM": "\(statistics.minimum)",
      "STATISTICS_MAXIMUM": "\(statistics.maximum)",
      "STATISTICS_MEAN": "\(statistics.mean)",
      "STATISTICS_STDDEV": "\(statistics.standardDeviation)",
      "STATISTICS_VALID_PERCENT": "\(percent)",
    ]
  }
}

extension Dataset {
  /// Full-width windows that together cover the raster, each of about 16 MB as Float32.
  var strips: [Window] {
    Window(column: 0, row: 0, width: width, height: height).strips(pixels: 1 << 22)
  }

  /// Computes exact statistics of a band whose samples Float32 represents exactly.
  ///
  /// - Throws: `.cancelled` if `progress`, called with the fraction done, returns false.
  borrowing func statistics(band: Int, noData: Float, progress: (Double) -> Bool)
    throws(RasterError) -> RasterStatistics?
  {
    var accumulator = StatisticsAccumulator()
    for strip in strips {
      let values = try read(strip, band: band)
      for row in 0..<strip.height {
        accumulator.add(values[row * width..<(row + 1) * width], noData: noData)
      }
      try check(progress, Double(strip.rows.upperBound) / Double(height))
    }
    return accumulator.statistics
  }

  /// Reports the fraction done, and throws `.cancelled` if `progress` returns false.
  borrowing func check(_ progress: (Double) -> Bool, _ share: Double) throws(RasterError) {
    guard progress(share) else { throw RasterError(.cancelled, "\(path): cancelled") }
  }
}
