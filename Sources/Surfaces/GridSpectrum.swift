import Grids

/// How far the tile grid stands out of the spectrum of a hillshade.
///
/// Fourier sums are taken at nine frequencies alone: one to four times the grid's (a tile's stride), and half-way between,
/// where nothing that repeats with the tiles has power. Each is the mean over three sine tapers. The power at a
/// harmonic is held against that half-way below and above, interpolated as a power law, as the spectra of land fall.
/// A ratio of 1 is land; a grid adds to it. It takes 800 bytes for each column.
/// Source: Riedel and Sidorenko, "Minimum bias multiple taper spectral estimation", IEEE Transactions on Signal
/// Processing 43 (1995).
struct GridSpectrum: Sendable {
  private static let harmonics = 1...4
  private static let tapers = 3
  /// A taper's cosine and sine for each of the frequencies, which are the first of the lanes.
  private typealias Lanes = SIMD16<Float>
  private static let frequencies = (1...9).map { Double($0) / 2 }

  /// Nil along an axis that shows too few tiles.
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

  /// The frequencies along one axis.
  private struct Frequencies {
    let extent: Double
    let stride: Double

    /// Nil with fewer than four strides, which cannot be told from what lies half-way, or where four and a half
    /// times the grid's frequency is more than pixels can show.
    init?(_ axis: TileLines.Axis) {
      (extent, stride) = (Double(axis.extent), axis.stride)
      guard !axis.lines.isEmpty, extent >= 4 * stride, stride >= 9 else { return nil }
    }

    /// What a pixel is multiplied by: for each taper the cosines, then the sines.
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

  /// The power of each harmonic across the columns, from the grid's own, over that beside it.
  ///
  /// Nil where there are too few tiles or no shade.
  var columnRatios: [Double]? { columns == nil ? nil : Self.ratios(columnPower) }

  /// The same across the rows.
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
