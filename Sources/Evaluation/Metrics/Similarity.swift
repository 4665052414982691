/// The structural similarity of two images of 0…255, in windows of 7 × 7 pixels with sample covariances.
///
/// Matches `structural_similarity` of scikit-image; windows lie entirely inside. O(pixels), independent of window size.
/// Source: Z. Wang et al., IEEE Transactions on Image Processing 13, 2004, doi:10.1109/TIP.2003.819861.
struct Similarity {
  /// The side of a window in pixels.
  static let window = 7

  /// The mean over all windows, −1…1.
  let mean: Double

  init(_ a: [Float], _ b: [Float], width: Int) {
    let height = a.count / width
    let (c1, c2) = (0.01 * 0.01 * 255.0 * 255.0, 0.03 * 0.03 * 255.0 * 255.0)
    let count = Double(Self.window * Self.window)
    // Each column's sum over the rows of a window, moved down by one row at a time. All are integers and exact.
    var columns = [Sums](repeating: Sums(), count: width)
    var total = 0.0
    for row in 0..<height {
      for column in 0..<width {
        let i = row * width + column
        columns[column].add(Double(a[i]), Double(b[i]), sign: 1)
        if row >= Self.window {
          let gone = i - Self.window * width
          columns[column].add(Double(a[gone]), Double(b[gone]), sign: -1)
        }
      }
      guard row >= Self.window - 1 else { continue }
      var sums = Sums()
      for column in 0..<width {
        sums.add(columns[column], sign: 1)
        if column >= Self.window { sums.add(columns[column - Self.window], sign: -1) }
        guard column >= Self.window - 1 else { continue }
        let (meanA, meanB) = (sums.a / count, sums.b / count)
        let sample = count / (count - 1)
        let varianceA = sample * (sums.aa / count - meanA * meanA)
        let varianceB = sample * (sums.bb / count - meanB * meanB)
        let covariance = sample * (sums.ab / count - meanA * meanB)
        total +=
          (2 * meanA * meanB + c1) * (2 * covariance + c2)
          / ((meanA * meanA + meanB * meanB + c1) * (varianceA + varianceB + c2))
      }
    }
    mean = total / Double((height - Self.window + 1) * (width - Self.window + 1))
  }

  private struct Sums {
    var a = 0.0
    var b = 0.0
    var aa = 0.0
    var bb = 0.0
    var ab = 0.0

    mutating func add(_ x: Double, _ y: Double, sign: Double) {
      a += sign * x
      b += sign * y
      aa += sign * x * x
      bb += sign * y * y
      ab += sign * x * y
    }

    mutating func add(_ other: Sums, sign: Double) {
      a += sign * other.a
      b += sign * other.b
      aa += sign * other.aa
      bb += sign * other.bb
      ab += sign * other.ab
    }
  }
}
