import Glibc

/// A high-pass filter for surfaces: it removes features longer than a wavelength.
///
/// The low-pass part is an approximately Gaussian mean: three successive box filters whose end pixels have
/// fractional weights (P. Gwosdek et al., "Theoretical foundations of Gaussian convolution by extended box
/// filtering", 2011, doi:10.1007/978-3-642-24785-9_38). At the cutoff wavelength, half the amplitude remains;
/// longer waves are attenuated more. Missing values (NaN) have no weight and remain missing.
public struct HighPass: Sendable {
  private static let passes = 3

  private let columns: Box
  private let rows: Box

  /// Creates a filter.
  ///
  /// - Parameters:
  ///   - wavelengthInColumns: The cutoff wavelength along rows, in columns.
  ///   - rows: The cutoff wavelength along columns, in rows, for pixels that are not square.
  public init(wavelengthInColumns: Double, rows: Double) {
    precondition(wavelengthInColumns > 0 && rows > 0, "wavelengths must be positive")
    columns = Box(wavelength: wavelengthInColumns)
    self.rows = Box(wavelength: rows)
  }

  /// The radius of the filter: pixels farther away do not affect a result.
  public var reach: (columns: Int, rows: Int) {
    (Self.passes * (columns.radius + 1), Self.passes * (rows.radius + 1))
  }

  /// Returns the high-pass component of a surface `[row, column]` with `width` columns.
  ///
  /// O(pixels), for any wavelength.
  public func apply(_ values: [Float], width: Int) -> [Float] {
    precondition(
      width > 0 && values.count % width == 0,
      "\(values.count) pixels are not whole rows of \(width)")
    let height = values.count / width
    // The mean is subtracted first so that sums of large heights keep their precision.
    let known = values.filter { !$0.isNaN }
    let level = known.reduce(0.0) { $0 + Double($1) } / Double(max(known.count, 1))
    var sums = values.map { $0.isNaN ? 0 : Double($0) - level }
    smooth(&sums, width, height)
    if known.count == values.count {
      // Without missing values, only the edges have lower weights, and the weights are separable into rows and
      // columns.
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

  /// Applies all boxes along both axes.
  private func smooth(_ values: inout [Double], _ width: Int, _ height: Int) {
    var other = values
    for _ in 0..<Self.passes {
      columns.apply(across: values, to: &other, width: width)
      rows.apply(down: other, to: &values, width: width)
    }
  }

  /// A mean over `2 · radius + 1` pixels plus a fraction, `share`, of the next pixel at either end.
  private struct Box: Sendable {
    let radius: Int
    let share: Double

    init(wavelength: Double) {
      // exp(−2π²σ² / wavelength²) = ½, and three boxes have three times the variance of one box.
      let variance = wavelength * wavelength * log(2) / (2 * Double.pi * Double.pi)
      let one = variance / Double(passes)
      let length = (12 * one + 1).squareRoot()
      radius = Int((length - 1) / 2)
      let (r, whole) = (Double(radius), Double(2 * radius + 1))
      share = whole * (r * (r + 1) - 3 * one) / (6 * (one - (r + 1) * (r + 1)))
    }

    private var size: Double { Double(2 * radius + 1) + 2 * share }

    /// Applies the box along each row; values beyond the ends are zero.
    func apply(across values: [Double], to result: inout [Double], width: Int) {
      let inverse = 1 / size
      // Zero padding on both sides avoids bounds checks.
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

    /// Applies the box along each column; all columns are processed together, row by row.
    func apply(down values: [Double], to result: inout [Double], width: Int) {
      let height = values.count / width
      let inverse = 1 / size
      var sums = [Double](repeating: 0, count: width)
      let zeros = sums
      func row(_ i: Int) -> ArraySlice<Double> {
        (0..<height).contains(i) ? values[i * width..<(i + 1) * width] : zeros[...]
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

    /// Returns the result of all boxes on a line of `count` ones.
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
