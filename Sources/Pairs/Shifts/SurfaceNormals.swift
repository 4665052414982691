import Rasters

/// The horizontal components of a surface's unit normal, which determine its shading under light from the side.
struct SurfaceNormals {
  /// The component to the right of the image, `[row, column]`; NaN at the border and next to voids.
  let east: [Float]
  /// The component to the top of the image, `[row, column]`; NaN at the border and next to voids.
  let north: [Float]

  /// Computes normals by Horn's weighted differences of eight neighbors (doi:10.1109/PROC.1981.11918).
  ///
  /// Returns nil if all slopes are zero. If the pixel size is unknown, heights are scaled so that half of the nonzero
  /// slopes are steeper than 15°.
  ///
  /// - Parameters:
  ///   - heights: `[row, column]`, NaN where there is no height.
  ///   - width: The number of columns.
  ///   - ground: The pixel size on the ground.
  init?(_ heights: [Float], width: Int, ground: GroundSampleDistance?) {
    let height = width > 0 ? heights.count / width : 0
    var across = [Float](repeating: .nan, count: heights.count)
    var up = across
    let (dx, dy) = (Float(8 * (ground?.x ?? 1)), Float(8 * (ground?.y ?? 1)))
    for row in 1..<max(1, height - 1) {
      for column in 1..<max(1, width - 1) {
        let i = row * width + column
        guard !heights[i].isNaN else { continue }
        let (nw, n, ne) = (heights[i - width - 1], heights[i - width], heights[i - width + 1])
        let (sw, s, se) = (heights[i + width - 1], heights[i + width], heights[i + width + 1])
        across[i] = ((ne + 2 * heights[i + 1] + se) - (nw + 2 * heights[i - 1] + sw)) / dx
        up[i] = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / dy
      }
    }
    var squares = zip(across, up).map { $0 * $0 + $1 * $1 }.filter { $0 > 0 }
    guard !squares.isEmpty else { return nil }
    var scale: Float = 1
    if ground == nil {
      squares.sort()
      scale = 0.26795 / squares[squares.count / 2].squareRoot()  // tan 15°
    }
    func component(_ slope: Float, _ other: Float) -> Float {
      let (p, q) = (scale * slope, scale * other)
      return -p / (1 + p * p + q * q).squareRoot()
    }
    east = zip(across, up).map { component($0, $1) }
    north = zip(across, up).map { component($1, $0) }
  }
}
