import Foundation
import Grids
import Pairs
import Rasters
import Surfaces

/// Thumbnails of a pair for an HTML report.
struct PairPreview: Sendable {
  /// Columns of the thumbnails.
  let width: Int
  /// Rows of the thumbnails.
  let height: Int
  /// `[row, column, channel]`: the mean over the sampled valid pixels; NaN where none is valid.
  private let image: [Float]
  private let channels: Int
  /// `[row, column]`: the mean over the sampled heights; NaN where there is none.
  private let heights: [Float]
  /// The fraction of sampled pixels that have both a valid image and a height.
  let validShare: Double

  private static let longSide = 240
  /// The maximum number of source rows that are read for one thumbnail row.
  private static let maxRows = 4

  /// Samples some rows of a pair; the cost does not grow with the height of the image.
  ///
  /// - Parameter pair: The pair to sample.
  /// - Throws: `RasterError` if reading fails.
  init(of pair: borrowing AlignedPair) throws {
    let grid = pair.grid
    let shrink = max(1, Double(max(grid.width, grid.height)) / Double(Self.longSide))
    let width = max(1, Int(Double(grid.width) / shrink))
    let height = max(1, Int(Double(grid.height) / shrink))
    var (image, heights): ([Float], [Float]) = ([], [])
    var (valid, all) = (0, 0)
    var channels = 1
    for row in 0..<height {
      let rows = row * grid.height / height..<(row + 1) * grid.height / height
      let pixels = try pair.read(
        Window(
          column: 0, row: rows.lowerBound, width: grid.width,
          height: min(rows.count, Self.maxRows)))
      valid += pixels.isValid.count { $0 }
      all += pixels.isValid.count
      channels = pixels.channels
      for column in 0..<width {
        let columns = column * grid.width / width..<(column + 1) * grid.width / width
        var sums = [Float](repeating: 0, count: channels)
        var (level, seen, known): (Float, Float, Float) = (0, 0, 0)
        for line in 0..<pixels.height {
          for i in columns.map({ line * grid.width + $0 }) {
            if pixels.isSeen[i] {
              seen += 1
              for channel in 0..<channels { sums[channel] += pixels.image[i * channels + channel] }
            }
            if !pixels.heights[i].isNaN {
              known += 1
              level += pixels.heights[i]
            }
          }
        }
        image += sums.map { seen > 0 ? $0 / seen : .nan }
        heights.append(known > 0 ? level / known : .nan)
      }
    }
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.image, self.heights) = (image, heights)
    validShare = Double(valid) / Double(max(all, 1))
  }

  /// The image, with each band stretched so that 2 % of its pixels are black and 2 % are white.
  var picture: Picture {
    let limits = (0..<channels).map { channel -> (low: Float, range: Float) in
      let known = Swift.stride(from: channel, to: image.count, by: channels).map { image[$0] }
        .filter { !$0.isNaN }
      guard let last = known.max() else { return (0, 1) }
      let limits = known.orderStatistics([known.count / 50, known.count - 1 - known.count / 50])
      return (limits[0], max(limits[1] - limits[0], max(abs(last), 1) * 1e-6))
    }
    var picture = Picture(width: width, height: height)
    for pixel in 0..<width * height where !image[pixel * channels].isNaN {
      let levels = (0..<3).map { color in
        let channel = min(color, channels - 1)
        let value = image[pixel * channels + channel]
        return Picture.level((value - limits[channel].low) / limits[channel].range)
      }
      picture.set(pixel, levels[0], levels[1], levels[2])
    }
    return picture
  }

  /// A hillshade with the light 45° above the horizon; slopes are scaled so that half of them are steeper than 15°.
  func hillshade(azimuthInDegrees: Double) -> Picture {
    let azimuth = azimuthInDegrees * .pi / 180
    guard let normals = SurfaceNormals(heights, width: width, ground: nil) else {
      return Picture(gray: heights.map { $0.isNaN ? .nan : 0.5 }, width: width)
    }
    let (east, north) = (Float(sin(azimuth)), Float(cos(azimuth)))
    return Picture(
      gray: zip(normals.east, normals.north).map { 0.6 + 0.8 * ($0 * east + $1 * north) },
      width: width)
  }
}

extension PairShift {
  /// The correlation for each shift, bright where it is high; a cross marks the estimate and a frame the zero shift.
  var picture: Picture {
    let (side, scale) = (2 * radius + 1, 12)
    var picture = Picture(width: side * scale, height: side * scale)
    let (low, high) = (surface.min() ?? 0, surface.max() ?? 1)
    func paint(_ column: Int, _ row: Int, _ color: (UInt8, UInt8, UInt8)) {
      guard (0..<side * scale).contains(column), (0..<side * scale).contains(row) else { return }
      picture.set(row * side * scale + column, color.0, color.1, color.2)
    }
    for row in 0..<side * scale {
      for column in 0..<side * scale {
        let value = surface[row / scale * side + column / scale]
        paint(column, row, Self.color((value - low) / max(high - low, 1e-9)))
      }
    }
    let zero = radius * scale
    for step in 0..<scale {
      for (column, row) in [
        (zero + step, zero), (zero + step, zero + scale - 1), (zero, zero + step),
        (zero + scale - 1, zero + step),
      ] { paint(column, row, (255, 255, 255)) }
    }
    let center = (Double(radius) + 0.5) * Double(scale)
    let (x, y) = (
      Int(center + columns * Double(scale)), Int(center + rows * Double(scale))
    )
    for step in -8...8 {
      for width in -1...0 {
        paint(x + step, y + width, (208, 48, 32))
        paint(x + width, y + step, (208, 48, 32))
      }
    }
    return picture
  }

  /// A color map from dark blue through green to yellow.
  ///
  /// Five colors of viridis, which S. van der Walt and N. Smith released under CC0.
  private static func color(_ share: Double) -> (UInt8, UInt8, UInt8) {
    let stops: [(Double, Double, Double)] = [
      (68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37),
    ]
    let position = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(position), stops.count - 2)
    let part = position - Double(index)
    let (a, b) = (stops[index], stops[index + 1])
    func mixed(_ a: Double, _ b: Double) -> UInt8 { UInt8((a + part * (b - a)).rounded()) }
    return (mixed(a.0, b.0), mixed(a.1, b.1), mixed(a.2, b.2))
  }
}
