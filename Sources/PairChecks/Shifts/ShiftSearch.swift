import Surfaces

/// How well the hillshade of a surface explains an image, for every whole-pixel shift between the two.
///
/// Sums are kept separately for each block of the image, so that a bootstrap can resample blocks.
struct ShiftSearch: Sendable {
  /// The largest shift along each axis, in pixels.
  let radius: Int
  /// Sums by block, then by shift: rows from −radius to radius, with columns varying fastest.
  private(set) var blocks: [[ShadingSums]] = []

  /// The number of shifts along one axis.
  var side: Int { 2 * radius + 1 }

  init(radius: Int) {
    precondition(radius > 0, "a peak needs shifts on both sides")
    self.radius = radius
  }

  /// Adds a window of an image.
  ///
  /// O(pixels · shifts).
  ///
  /// - Parameters:
  ///   - brightness: `[row, column]`, NaN where there is none.
  ///   - east: The east component of the surface normal, `[row, column]`.
  ///   - north: The north component of the surface normal, `[row, column]`.
  ///   - width: The number of columns of each array.
  ///   - block: The approximate side of a block in pixels.
  mutating func add(
    brightness: [Float], east: [Float], north: [Float], width: Int, block: Int
  ) {
    precondition(
      brightness.count == east.count && east.count == north.count, "arrays must be equally long")
    let height = width > 0 ? brightness.count / width : 0
    let image = Layers(products: brightness)
    let shade = Normals(east, north)
    func parts(_ extent: Int) -> [Range<Int>] {
      let inside = extent - 2 * radius
      guard inside > 0 else { return [] }
      let count = max(1, Int((Double(inside) / Double(block)).rounded()))
      return (0..<count).map {
        radius + $0 * inside / count..<radius + ($0 + 1) * inside / count
      }
    }
    for rows in parts(height) {
      for columns in parts(width) {
        var sums: [ShadingSums] = []
        sums.reserveCapacity(side * side)
        for down in -radius...radius {
          for right in -radius...radius {
            var sum = ShadingSums()
            for row in rows {
              Self.add(
                image, at: row * width + columns.lowerBound, shade,
                at: (row + down) * width + columns.lowerBound + right, count: columns.count,
                to: &sum)
            }
            sums.append(sum)
          }
        }
        // A block without overlapping image and surface carries no information.
        if sums.contains(where: { $0.count > 0 }) { blocks.append(sums) }
      }
    }
  }

  /// The brightness, a 0/1 validity mask, and the squared brightness; 0 where there is no value.
  private struct Layers {
    let value: [Float]
    let known: [Float]
    let square: [Float]

    init(products values: [Float]) {
      value = values.map { $0.isNaN ? 0 : $0 }
      known = values.map { $0.isNaN ? 0 : 1 }
      square = value.map { $0 * $0 }
    }
  }

  private struct Normals {
    let known: [Float]
    let (e, n): ([Float], [Float])
    let (ee, en, nn): ([Float], [Float], [Float])

    init(_ east: [Float], _ north: [Float]) {
      let known = zip(east, north).map { $0.isNaN || $1.isNaN ? Float(0) : 1 }
      let e = zip(east, known).map { $1 == 0 ? 0 : $0 }
      let n = zip(north, known).map { $1 == 0 ? 0 : $0 }
      self.known = known
      (self.e, self.n) = (e, n)
      (ee, en, nn) = (
        e.map { $0 * $0 }, zip(e, n).map { $0 * $1 }, n.map { $0 * $0 }
      )
    }
  }

  /// Accumulates a run of pixels in a row, eight at a time; this loop dominates the run time.
  private static func add(
    _ image: Layers, at first: Int, _ shade: Normals, at shifted: Int, count: Int,
    to sum: inout ShadingSums
  ) {
    typealias Lanes = SIMD8<Float>
    var total = [10 of Lanes](repeating: .zero)
    @inline(__always) func lanes(_ span: Span<Float>, _ at: Int, _ left: Int) -> Lanes {
      if left >= 8 {
        return Lanes(
          span[at], span[at + 1], span[at + 2], span[at + 3], span[at + 4], span[at + 5],
          span[at + 6], span[at + 7])
      }
      var rest = Lanes.zero
      for lane in 0..<left { rest[lane] = span[at + lane] }
      return rest
    }
    let (value, known, square) = (image.value.span, image.known.span, image.square.span)
    let (v, e, n) = (shade.known.span, shade.e.span, shade.n.span)
    let (ee, en, nn) = (shade.ee.span, shade.en.span, shade.nn.span)
    for start in stride(from: 0, to: count, by: 8) {
      let (a, b, left) = (first + start, shifted + start, count - start)
      let (l, w, q) = (lanes(value, a, left), lanes(known, a, left), lanes(square, a, left))
      let (x, y, m) = (lanes(e, b, left), lanes(n, b, left), lanes(v, b, left))
      total[0] += w * m
      total[1] += l * m
      total[2] += q * m
      total[3] += w * x
      total[4] += w * y
      total[5] += w * lanes(ee, b, left)
      total[6] += w * lanes(en, b, left)
      total[7] += w * lanes(nn, b, left)
      total[8] += l * x
      total[9] += l * y
    }
    sum.count += Double(total[0].sum())
    sum.l += Double(total[1].sum())
    sum.ll += Double(total[2].sum())
    sum.e += Double(total[3].sum())
    sum.n += Double(total[4].sum())
    sum.ee += Double(total[5].sum())
    sum.en += Double(total[6].sum())
    sum.nn += Double(total[7].sum())
    sum.el += Double(total[8].sum())
    sum.nl += Double(total[9].sum())
  }

  /// Returns the correlations for all shifts over the given blocks, which may be repeated.
  func correlations(of drawn: [Int]) -> ShiftPeak.Surface {
    var total = [ShadingSums](repeating: ShadingSums(), count: side * side)
    for block in drawn {
      for shift in total.indices { total[shift] += blocks[block][shift] }
    }
    return ShiftPeak.Surface(radius: radius, values: total.map { $0.fit.correlation })
  }

  /// Returns the weights of the hillshade at a shift, over all blocks.
  func hillshade(down: Int, right: Int) -> (east: Double, north: Double) {
    var total = ShadingSums()
    for block in blocks { total += block[(down + radius) * side + right + radius] }
    return (total.fit.east, total.fit.north)
  }
}
