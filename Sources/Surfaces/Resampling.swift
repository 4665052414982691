public import Grids

/// Resamples rasters between two pixel grids that cover the same area.
///
/// Downsampling averages by area; upsampling interpolates linearly between pixel centers. Missing values (NaN) are
/// ignored in both cases. A target pixel has a value if any of its source pixels has one.
public struct Resampling: Hashable, Sendable {
  /// The grid of the source.
  public let source: Grid
  /// The grid of the target.
  public let target: Grid

  /// Creates the resampling between two grids of the same area.
  public init(from source: Grid, to target: Grid) {
    self.source = source
    self.target = target
  }

  /// The number of source columns per target column.
  public var columnScale: Double { Double(source.width) / Double(target.width) }
  /// The number of source rows per target row.
  public var rowScale: Double { Double(source.height) / Double(target.height) }
  /// Whether both grids have the same size, so that resampling changes nothing.
  public var isIdentity: Bool {
    source.width == target.width && source.height == target.height
  }

  /// Returns the source pixels that a window of the target depends on, clipped to the source.
  public func sourceWindow(for target: Window) -> Window {
    let columns = Taps.reach(of: target.columns, scale: columnScale, limit: source.width)
    let rows = Taps.reach(of: target.rows, scale: rowScale, limit: source.height)
    return Window(
      column: columns.lowerBound, row: rows.lowerBound, width: columns.count, height: rows.count)
  }

  /// Returns the values of the window `target`.
  ///
  /// NaN marks a missing value in its channel only.
  ///
  /// - Parameters:
  ///   - values: The source values in `sourceWindow(for: target)`, `[row, column, channel]`.
  ///   - target: The window to compute, in target pixels.
  ///   - channels: The number of channels.
  /// - Returns: The target values, `[row, column, channel]`.
  public func apply(_ values: [Float], to target: Window, channels: Int = 1) -> [Float] {
    let window = sourceWindow(for: target)
    precondition(values.count == window.pixelCount * channels, "values do not fill their window")
    let columns = Taps(target.columns, scale: columnScale, limit: source.width)
    let rows = Taps(target.rows, scale: rowScale, limit: source.height)
    var result = [Float](repeating: .nan, count: target.pixelCount * channels)
    for row in 0..<target.height {
      for column in 0..<target.width {
        for channel in 0..<channels {
          var (sum, weight) = (0.0, 0.0)
          for (y, wy) in rows[row] {
            let start = (y - window.row) * window.width - window.column
            for (x, wx) in columns[column] {
              let value = values[(start + x) * channels + channel]
              guard !value.isNaN else { continue }
              sum += wy * wx * Double(value)
              weight += wy * wx
            }
          }
          if weight > 0 {
            result[(row * target.width + column) * channels + channel] = Float(sum / weight)
          }
        }
      }
    }
    return result
  }

  /// Returns the maximum of the source values that each pixel of `target` depends on; `values` are laid out as for
  /// `apply`.
  public func greatest(_ values: [UInt8], to target: Window) -> [UInt8] {
    let window = sourceWindow(for: target)
    precondition(values.count == window.pixelCount, "values do not fill their window")
    let columns = Taps(target.columns, scale: columnScale, limit: source.width)
    let rows = Taps(target.rows, scale: rowScale, limit: source.height)
    var result = [UInt8](repeating: 0, count: target.pixelCount)
    for row in 0..<target.height {
      for column in 0..<target.width {
        var most: UInt8 = 0
        for (y, _) in rows[row] {
          for (x, _) in columns[column] {
            most = max(most, values[(y - window.row) * window.width + x - window.column])
          }
        }
        result[row * target.width + column] = most
      }
    }
    return result
  }

  /// Returns, for each pixel of `target`, the value of the source pixel that contains its center; `values` are laid
  /// out as for `apply`.
  public func nearest<Value>(_ values: [Value], to target: Window) -> [Value] {
    let window = sourceWindow(for: target)
    precondition(values.count == window.pixelCount, "values do not fill their window")
    let columns = target.columns.map {
      min(Int((Double($0) + 0.5) * columnScale), source.width - 1) - window.column
    }
    return target.rows.flatMap { row in
      let y = min(Int((Double(row) + 0.5) * rowScale), source.height - 1) - window.row
      return columns.map { values[y * window.width + $0] }
    }
  }
}

/// The source pixels that each target pixel along one axis depends on, with their weights.
private struct Taps {
  private let lists: [[(Int, Double)]]

  init(_ targets: Range<Int>, scale: Double, limit: Int) {
    lists = targets.map { target in
      scale >= 1
        ? Self.area(of: target, scale: scale, limit: limit)
        : Self.linear(at: target, scale: scale, limit: limit)
    }
  }

  subscript(_ index: Int) -> [(Int, Double)] { lists[index] }

  /// Returns the range of source pixels that a range of targets depends on.
  static func reach(of targets: Range<Int>, scale: Double, limit: Int) -> Range<Int> {
    guard let first = targets.first, let last = targets.last else { return 0..<0 }
    let pixels = [first, last].map { target in
      scale >= 1
        ? covered(by: target, scale: scale, limit: limit)
        : linear(at: target, scale: scale, limit: limit).pixels
    }
    guard pixels.allSatisfy({ !$0.isEmpty }) else { return 0..<0 }
    return pixels[0].lowerBound..<pixels[1].upperBound
  }

  /// Returns each source pixel with the length that the target pixel covers of it.
  private static func area(of target: Int, scale: Double, limit: Int) -> [(Int, Double)] {
    covered(by: target, scale: scale, limit: limit).map {
      ($0, length(of: $0, under: target, scale: scale, limit: limit))
    }
  }

  /// Returns the source pixels that a target pixel covers by more than rounding error.
  private static func covered(by target: Int, scale: Double, limit: Int) -> Range<Int> {
    let first = min(Int(Double(target) * scale), limit - 1)
    let to = min(Double(target + 1) * scale, Double(limit))
    let last = max(first, Int(to.rounded(.up)) - 1)
    func isCovered(_ pixel: Int) -> Bool {
      length(of: pixel, under: target, scale: scale, limit: limit) > 1e-9  // of a pixel
    }
    // Pixels between the first and the last are covered completely.
    let (lower, upper) = (
      isCovered(first) ? first : first + 1, isCovered(last) ? last + 1 : last
    )
    return lower..<max(lower, upper)
  }

  private static func length(
    of pixel: Int, under target: Int, scale: Double, limit: Int
  ) -> Double {
    let from = Double(target) * scale
    let to = min(Double(target + 1) * scale, Double(limit))
    return min(Double(pixel + 1), to) - max(Double(pixel), from)
  }

  /// Returns the two source pixels around the target's center; beyond the outermost pixel center, only that pixel.
  private static func linear(at target: Int, scale: Double, limit: Int) -> [(Int, Double)] {
    let center = (Double(target) + 0.5) * scale - 0.5
    let lower = Int(center.rounded(.down))
    let fraction = center - Double(lower)
    guard lower >= 0 else { return [(0, 1)] }
    guard lower + 1 < limit else { return [(limit - 1, 1)] }
    return fraction == 0 ? [(lower, 1)] : [(lower, 1 - fraction), (lower + 1, fraction)]
  }
}

extension [(Int, Double)] {
  /// The range from the first to the last source pixel.
  fileprivate var pixels: Range<Int> {
    guard let first, let last else { return 0..<0 }
    return first.0..<last.0 + 1
  }
}
