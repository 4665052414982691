import Files
import Grids
import Rasters
import Scenes
import Surfaces

/// The brightness of an image, for baselines.
enum Luminance {
  /// The wavelength in pixels that separates low-pass from high-pass brightness.
  static let blur = 16.0

  /// Writes the mean of red, green and blue as stored, on the image's own grid; NaN where a pixel is not valid.
  ///
  /// - Parameters:
  ///   - path: The path of the image.
  ///   - bands: The numbers of the bands; nil detects them.
  ///   - scratch: The folder to write to.
  /// - Returns: The path of the raster.
  /// - Throws: `SceneError` if no pixel is valid or the bands are ambiguous.
  static func write(
    of path: String, bands: [Int]?, in scratch: ScratchFolder
  ) throws -> String {
    let dataset = try Dataset(reading: path)
    let selection = try BandSelection(from: dataset.bands, asked: bands)
    let grid = RasterGrid(
      grid: dataset.grid, crs: dataset.georeferencing.crs, ground: nil)
    var valid = 0
    let written = try scratch.write("luminance-image", on: grid) { window in
      let pixels = try dataset.read(window, bands: selection.numbers)
      return (0..<window.pixelCount).map { pixel in
        guard pixels.isValid[pixel] else { return .nan }
        valid += 1
        let samples = pixels.values[pixel * pixels.channels..<(pixel + 1) * pixels.channels]
        return samples.reduce(0, +) / Float(pixels.channels)
      }
    }
    guard valid > 0 else {
      throw SceneError(.badData, "\(path) has no valid pixel, expected an image")
    }
    return written
  }

  /// Writes the low-pass or high-pass part of a raster, split at a wavelength in pixels, window by window with padding.
  static func parted(
    _ path: String, at wavelength: Double, in scratch: ScratchFolder, on grid: RasterGrid,
    name: String, _ part: Part
  ) throws -> String {
    let dataset = try Dataset(reading: path)
    let filter = HighPass(wavelengthInColumns: wavelength, rows: wavelength)
    let reach = filter.reach
    return try scratch.write(name, on: grid) { window in
      let padded = window.padded(columns: reach.columns, rows: reach.rows)
        .intersection(grid.grid.window)
      let values = try dataset.heights(in: padded)
      let fine = filter.apply(values, width: padded.width)
      let kept = part == .fine ? fine : zip(values, fine).map { $0 - $1 }
      return kept.cropped(to: window, from: padded)
    }
  }

  /// A part of the spectrum.
  enum Part { case broad, fine }
}
