import Rasters
import Surfaces

/// The horizontal components of a surface's unit normal, which determine its shading under light from the side.
struct SurfaceNormals {
  /// The component to the right of the image, `[row, column]`; NaN at the border and next to voids.
  let east: [Float]
  /// The component to the top of the image, `[row, column]`; NaN at the border and next to voids.
  let north: [Float]

  /// Computes normals from the eight neighbors of each pixel (`HornGradient`).
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
    let (dx, dy) = (Float(ground?.x ?? 1), Float(ground?.y ?? 1))
    for row in 1..<max(1, height - 1) {
      for column in 1..<max(1, width - 1) {
        let i = row * width + column
        guard !heights[i].isNaN else { continue }
        let (above, below) = (i - width, i + width)
        let gradient = HornGradient(
          heights[above - 1], heights[above], heights[above + 1], heights[i - 1], heights[i + 1],
          heights[below - 1], heights[below], heights[below + 1])
        across[i] = gradient.right / dx
        up[i] = -gradient.down / dy
      }
    }
    let slopes = zip(across, up).map { ($0 * $0 + $1 * $1).squareRoot() }.filter { $0 > 0 }
    guard !slopes.isEmpty else { return nil }
    let scale = ground == nil ? slopes.exaggeration(showingMedianAs: 15) : 1
    func component(_ slope: Float, _ other: Float) -> Float {
      let (p, q) = (scale * slope, scale * other)
      return -p / (1 + p * p + q * q).squareRoot()
    }
    east = zip(across, up).map { component($0, $1) }
    north = zip(across, up).map { component($1, $0) }
  }
}
