import Grids
import Rasters

/// Reading scenes with damaged blocks.
extension SceneSource {
  /// Reads the pixels of a window of the scene's own grid.
  func pixels(_ window: Window) throws(RasterError) -> Pixels {
    try dataset.read(window, bands: bands.numbers, validity: validity)
  }

  /// Reads the pixels of a window of the scene's own grid; returns nil if the file is damaged there.
  ///
  /// - Throws: `RasterError` if reading itself fails; retrying may help.
  func undamagedPixels(_ window: Window) throws(RasterError) -> Pixels? {
    do throws(RasterError) {
      return try pixels(window)
    } catch {
      guard error.kind == .badData else { throw error }
      return nil
    }
  }

  /// Reads a window of the scene's own grid, marks damaged pixels as invalid and counts them.
  ///
  /// A window that cannot be read as a whole is read in the file's blocks.
  func pixelsAroundDamage(_ window: Window) throws -> (pixels: Pixels, damaged: Int) {
    if let pixels = try undamagedPixels(window) { return (pixels, 0) }
    var pixels = Pixels(
      width: window.width, height: window.height, channels: bands.numbers.count,
      values: Array(repeating: .nan, count: window.pixelCount * bands.numbers.count),
      isValid: Array(repeating: false, count: window.pixelCount))
    var damaged = 0
    for block in blocks(overlapping: window) {
      try Task.checkCancellation()
      if let part = try undamagedPixels(block) {
        pixels.replace(block.relative(to: window), by: part)
      } else {
        damaged += block.pixelCount
      }
    }
    return (pixels, damaged)
  }

  /// Returns whether each pixel of a window of the scene's own grid is valid, as `[row, column]`, and the number of
  /// unreadable pixels.
  ///
  /// Parts of the scene that are known to have no valid pixels are not read.
  func validity(of window: Window) throws -> (isValid: [Bool], damaged: Int) {
    let hull = hull(in: window)
    var isValid = [Bool](repeating: false, count: window.pixelCount)
    guard !hull.isEmpty else { return (isValid, 0) }
    let (pixels, damaged) = try unlessChanged { try pixelsAroundDamage(hull) }
    let place = hull.relative(to: window)
    for row in 0..<hull.height {
      let start = (place.row + row) * window.width + place.column
      isValid.replaceSubrange(
        start..<start + hull.width,
        with: pixels.isValid[row * hull.width..<(row + 1) * hull.width])
    }
    return (isValid, damaged)
  }

  /// Returns the file's blocks, clipped to a window.
  private func blocks(overlapping window: Window) -> [Window] {
    let band = information.bands[bands.numbers[0] - 1]
    let (width, height) = (max(1, band.blockWidth), max(1, band.blockHeight))
    let first = (row: window.row / height * height, column: window.column / width * width)
    return stride(from: first.row, to: window.rows.upperBound, by: height).flatMap { row in
      stride(from: first.column, to: window.columns.upperBound, by: width).map { column in
        Window(column: column, row: row, width: width, height: height).intersection(window)
      }
    }
  }
}

extension Pixels {
  /// Replaces the pixels of a window.
  fileprivate mutating func replace(_ window: Window, by part: Pixels) {
    for row in 0..<window.height {
      let (target, source) = ((window.row + row) * width + window.column, row * window.width)
      isValid.replaceSubrange(
        target..<target + window.width, with: part.isValid[source..<source + window.width])
      values.replaceSubrange(
        target * channels..<(target + window.width) * channels,
        with: part.values[source * channels..<(source + window.width) * channels])
    }
  }
}
