import Glibc

/// What is left of a surface when its broad forms are taken away.
///
/// The broad forms are means around each pixel, weighted nearly by a normal distribution: three boxes one after the other,
/// whose ends count in part (P. Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box
/// filtering", 2011, doi:10.1007/978-3-642-24785-9_38). Half the height of a wave as long as `wavelength` is left, less of
/// longer ones. Pixels without a value (NaN) count nothing and stay without.
public struct HighPass: Sendable {
  private static let passes = 3

  private let columns: Box
  private let rows: Box

  /// - Parameters:
  ///   - wavelengthInColumns: along a row, in pixels.
  ///   - rows: The same down a column, where pixels are not square.
  public init(wavelengthInColumns: Double, rows: Double) {
    precondition(wavelengthInColumns > 0 && rows > 0, "a wave has a length")
    columns = Box(wavelength: wavelengthInColumns)
    self.rows = Box(wavelength: rows)
  }

  /// How far a pixel's broad forms look to either side: what lies beyond changes nothing.
  public var reach: (columns: Int, rows: Int) {
    (Self.passes * (columns.radius + 1), Self.passes * (rows.radius + 1))
  }

  /// The fine forms of a surface [row, column] with so many columns.
  ///
  /// O(pixels), whatever the wavelength.
  public func apply(_ values: [Float], width: Int) -> [Float] {
    precondition(
      width > 0 && values.count % width == 0, "\(values.count) pixels in rows of \(width)")
    let height = values.count / width
    // The mean of the values is taken off first, so that sums of great heights lose no digits.
    let known = values.filter { !$0.isNaN }
    let level = known.reduce(0.0) { $0 + Double($1) } / Double(max(known.count, 1))
    var sums = values.map { $0.isNaN ? 0 : Double($0) - level }
    var weights = values.map { $0.isNaN ? 0.0 : 1 }
    for _ in 0..<Self.passes {
      columns.apply(to: &sums, lines: height, apart: width, count: width, step: 1)
      columns.apply(to: &weights, lines: height, apart: width, count: width, step: 1)
      rows.apply(to: &sums, lines: width, apart: 1, count: height, step: width)
      rows.apply(to: &weights, lines: width, apart: 1, count: height, step: width)
    }
    return values.indices.map { i in
      values[i].isNaN ? .nan : Float(Double(values[i]) - level - sums[i] / weights[i])
    }
  }

  /// A mean over `2 · radius + 1` pixels and a share of those beyond either end.
  private struct Box: Sendable {
    let radius: Int
    let share: Double

    init(wavelength: Double) {
      // exp(−2π²σ² / wavelength²) = ½, and three boxes have three times the variance of one.
      let variance = wavelength * wavelength * log(2) / (2 * Double.pi * Double.pi)
      let one = variance / Double(passes)
      let length = (12 * one + 1).squareRoot()
      radius = Int((length - 1) / 2)
      let (r, whole) = (Double(radius), Double(2 * radius + 1))
      share = whole * (r * (r + 1) - 3 * one) / (6 * (one - (r + 1) * (r + 1)))
    }

    /// The box along each of some lines, whose elements lie `step` apart; zeros lie beyond the ends.
    func apply(to values: inout [Double], lines: Int, apart: Int, count: Int, step: Int) {
      let size = Double(2 * radius + 1) + 2 * share
      var line = [Double](repeating: 0, count: count)
      func at(_ i: Int) -> Double { line.indices.contains(i) ? line[i] : 0 }
      for first in stride(from: 0, to: lines * apart, by: apart) {
        for i in 0..<count { line[i] = values[first + i * step] }
        var sum = (0..<min(radius, count)).reduce(0.0) { $0 + line[$1] }
        for i in 0..<count {
          sum += at(i + radius) - at(i - radius - 1)
          values[first + i * step] =
            (sum + share * (at(i - radius - 1) + at(i + radius + 1))) / size
        }
      }
    }
  }
}
