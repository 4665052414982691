import Grids

/// Measures how far the tile grid stands out in the spectrum of a hillshade.
///
/// Fourier sums are computed at nine frequencies only: one to four times the frequency of the grid (one cycle per
/// tile stride), and halfway between, where nothing that repeats with the tiles has power. Each is averaged over
/// three sine tapers. The power at a harmonic is compared with the power at the frequencies halfway below and above
/// it, interpolated as a power law, because spectra of terrain fall in this way. A ratio of 1 is expected for
/// terrain; a visible grid increases it. Memory is 800 bytes per column.
///
/// Source: Riedel and Sidorenko, "Minimum bias multiple taper spectral estimation", IEEE Transactions on Signal
/// Processing 43 (1995).
struct GridSpectrum: Sendable {
  private static let harmonics = 1...4
  private static let tapers = 3
  /// The cosine or sine coefficients of a taper for all frequencies, which occupy the first lanes.
  private typealias Lanes = SIMD16<Float>
  private static let frequencies = (1...9).map { Double($0) / 2 }

  /// Nil for an axis with too few tiles.
  private let columns: Frequencies?
  private let rows: Frequencies?
  private let columnTable: [Lanes]
  private var columnPower = SIMD16<Double>()
  private var rowSums: [Lanes]
  private var row = 0

  init(_ lines: TileLines) {
    columns = Frequencies(lines.columns)
    rows = Frequencies(lines.rows)
    columnTable =
      columns.map { table in
        (0..<lines.columns.extent).flatMap(table.coefficients)
      } ?? []
    rowSums =
      rows == nil ? [] : Array(repeating: Lanes(), count: 2 * Self.tapers * lines.columns.extent)
  }

  /// The analyzed frequencies along one axis.
  private struct Frequencies {
    let extent: Double
    let stride: Double

    /// Nil for fewer than four strides, which cannot resolve the harmonics from the frequencies halfway between
    /// them, or if 4.5 times the grid's frequency exceeds the Nyquist frequency.
    init?(_ axis: TileLines.Axis) {
      (extent, stride) = (Double(axis.extent), axis.stride)
      guard !axis.lines.isEmpty, extent >= 4 * stride, stride >= 9 else { return nil }
    }

    /// Returns the coefficients of a pixel: for each taper, the cosines and then the sines.
    func coefficients(at pixel: Int) -> [Lanes] {
      var (cosines, sines) = (Lanes(), Lanes())
      for (lane, frequency) in GridSpectrum.frequencies.enumerated() {
        let wave = phasor(turns: Double(pixel) * frequency / stride)
        (cosines[lane], sines[lane]) = (Float(wave.cosine), Float(wave.sine))
      }
      return (1...GridSpectrum.tapers).flatMap { taper in
        let turns = Double(taper) * (Double(pixel) + 0.5) / (2 * extent)
        let weight = Float(phasor(turns: turns).sine)
        return [weight * cosines, weight * sines]
      }
    }
  }

  /// Adds the next row of the hillshade.
  mutating func add(_ shade: [Float]) {
    let width = 2 * Self.tapers
    if columns != nil {
      var sums = [Lanes](repeating: Lanes(), count: width)
      for column in shade.indices {
        for part in 0..<width { sums[part] += shade[column] * columnTable[column * width + part] }
      }
      columnPower += Self.power(sums[...])
    }
    if let coefficients = rows?.coefficients(at: row) {
      for column in shade.indices {
        for part in 0..<width {
          rowSums[column * width + part] += shade[column] * coefficients[part]
        }
      }
    }
    row += 1
  }

  /// The power ratio of each harmonic along rows, starting with the grid's own frequency.
  ///
  /// Nil for too few tiles or a hillshade that is zero everywhere.
  var columnRatios: [Double]? { columns == nil ? nil : Self.ratios(columnPower) }

  /// The same ratios along columns.
  var rowRatios: [Double]? {
    guard rows != nil else { return nil }
    var power = SIMD16<Double>()
    let width = 2 * Self.tapers
    for start in stride(from: 0, to: rowSums.count, by: width) {
      power += Self.power(rowSums[start..<start + width])
    }
    return Self.ratios(power)
  }

  private static func power(_ sums: ArraySlice<Lanes>) -> SIMD16<Double> {
    sums.reduce(into: SIMD16<Double>()) { power, sum in
      let sum = SIMD16<Double>(sum)
      power += sum * sum
    }
  }

  private static func ratios(_ power: SIMD16<Double>) -> [Double]? {
    guard power.max() > 0 else { return nil }
    return harmonics.map { harmonic in
      let lane = 2 * harmonic - 1
      let (below, here, above) = (
        logarithm(frequencies[lane - 1]), logarithm(frequencies[lane]),
        logarithm(frequencies[lane + 1])
      )
      let share = (here - below) / (above - below)
      let expected = exponential(
        (1 - share) * logarithm(power[lane - 1]) + share * logarithm(power[lane + 1]))
      return power[lane] / expected
    }
  }
}
