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
    smooth(&sums, width, height)
    if known.count == values.count {
      // Without voids only the edges weigh less, which rows and columns tell each by themselves.
      let (across, down) = (columns.edgeWeights(width), rows.edgeWeights(height))
      return values.indices.map { i in
        Float(Double(values[i]) - level - sums[i] / (across[i % width] * down[i / width]))
      }
    }
    var weights = values.map { $0.isNaN ? 0.0 : 1 }
    smooth(&weights, width, height)
    return values.indices.map { i in
      values[i].isNaN ? .nan : Float(Double(values[i]) - level - sums[i] / weights[i])
    }
  }

  /// All boxes along both axes.
  private func smooth(_ values: inout [Double], _ width: Int, _ height: Int) {
    var other = values
    for _ in 0..<Self.passes {
      columns.apply(across: values, to: &other, width: width)
      rows.apply(down: other, to: &values, width: width)
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

    private var size: Double { Double(2 * radius + 1) + 2 * share }

    /// The box along each row; zeros lie beyond the ends.
    func apply(across values: [Double], to result: inout [Double], width: Int) {
      let inverse = 1 / size
      // Zeros on both sides, so that no place needs to be asked for.
      let margin = radius + 1
      var line = [Double](repeating: 0, count: width + 2 * margin)
      for first in stride(from: 0, to: values.count, by: width) {
        for i in 0..<width { line[margin + i] = values[first + i] }
        var sum = line[margin..<margin + min(radius, width)].reduce(0, +)
        for i in 0..<width {
          let (before, after) = (line[i], line[i + 2 * margin])
          sum += line[i + margin + radius] - before
          result[first + i] = (sum + share * (before + after)) * inverse
        }
      }
    }

    /// The box down each column, row by row of all columns at once.
    func apply(down values: [Double], to result: inout [Double], width: Int) {
      let height = values.count / width
      let inverse = 1 / size
      var sums = [Double](repeating: 0, count: width)
      let nothing = sums
      func row(_ i: Int) -> ArraySlice<Double> {
        (0..<height).contains(i) ? values[i * width..<(i + 1) * width] : nothing[...]
      }
      for i in 0..<min(radius, height) {
        for (column, value) in row(i).enumerated() { sums[column] += value }
      }
      for i in 0..<height {
        let (before, last, after) = (row(i - radius - 1), row(i + radius), row(i + radius + 1))
        before.withUnsafeBufferPointer { before in
          last.withUnsafeBufferPointer { last in
            after.withUnsafeBufferPointer { after in
              for column in 0..<width {
                sums[column] += last[column] - before[column]
                result[i * width + column] =
                  (sums[column] + share * (before[column] + after[column])) * inverse
              }
            }
          }
        }
      }
    }

    /// What all boxes leave of so many ones in a line.
    func edgeWeights(_ count: Int) -> [Double] {
      var (weights, other) = (
        [Double](repeating: 1, count: count), [Double](repeating: 1, count: count)
      )
      for _ in 0..<passes {
        apply(across: weights, to: &other, width: count)
        swap(&weights, &other)
      }
      return weights
    }
  }
}
