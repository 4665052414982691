import CGDAL
import Grids
import Surfaces

/// A preview image of a height raster: its hillshade, transparent at nodata.
public struct Quicklook: Sendable, Hashable {
  /// The image.
  public let picture: Picture
  /// The vertical exaggeration: the factor of the heights, relative to the horizontal unit, before shading.
  public let exaggeration: Double

  /// Shades the first band of a raster, averaged so that its longer side has at most `longSide` pixels.
  ///
  /// Relative heights have no unit, so the vertical exaggeration is derived from the data: the median slope of the
  /// averaged surface is shaded as a slope of 20°. North is assumed to be up.
  ///
  /// - Throws: `.badData` if the raster cannot be read or has no valid pixels.
  public init(of path: String, longSide: Int = 1024) throws(RasterError) {
    precondition(longSide > 0, "an image has at least one pixel")
    let dataset = try Dataset(reading: path)
    // If the pixel size is unknown, pixels are assumed to be square.
    let ground = (try? dataset.groundSampleDistance()) ?? GroundSampleDistance(x: 1, y: 1)
    var small = try dataset.decimated(longSide: longSide)
    let (width, height) = (small.width, small.height)
    // Meters in both directions, whatever the CRS, so that the shading is that of the true shape.
    let (stepX, stepY) = (
      ground.x * Double(dataset.width) / Double(width),
      ground.y * Double(dataset.height) / Double(height)
    )
    let inMeters = Georeferencing(geoTransform: GeoTransform([0, stepX, 0, 0, 0, -stepY]))
    try small.setGeoreferencing(inMeters)
    let pixels = try small.read(small.grid.window, bands: [1])
    guard pixels.isValid.contains(true) else {
      throw RasterError(.badData, "\(path) has no valid pixels, so no preview can be drawn")
    }
    exaggeration = Self.exaggeration(of: pixels, stepX: stepX, stepY: stepY)
    let shaded = try Terrain.hillshade(
      of: small, to: "", arguments: ["-of", "MEM", "-z", "\(exaggeration)"])
    var gray = try shaded.read(shaded.grid.window, band: 1)
    for pixel in gray.indices { gray[pixel] = pixels.isValid[pixel] ? gray[pixel] / 255 : .nan }
    picture = Picture(gray: gray, width: width)
  }

  /// Returns the exaggeration that makes the median slope 20°, or 1 for a surface without slopes.
  static func exaggeration(of pixels: Pixels, stepX: Double, stepY: Double) -> Double {
    var slopes: [Double] = []
    let (width, height) = (pixels.width, pixels.height)
    for row in 0..<max(0, height - 1) {
      for column in 0..<max(0, width - 1) {
        let here = row * width + column
        let (right, below) = (here + 1, here + width)
        guard pixels.isValid[here], pixels.isValid[right], pixels.isValid[below] else { continue }
        let dx = Double(pixels.values[right] - pixels.values[here]) / stepX
        let dy = Double(pixels.values[below] - pixels.values[here]) / stepY
        let slope = (dx * dx + dy * dy).squareRoot()
        if slope > 0 { slopes.append(slope) }  // flat water must not affect the median slope
      }
    }
    return slopes.isEmpty ? 1 : slopes.exaggeration(showingMedianAs: 20)
  }
}
