import Grids
import Rasters

/// Reading scenes with damaged blocks.
extension SceneSource {
  /// Reads the pixels of a window of the scene's own grid.
  ///
  /// - Parameters:
  ///   - window: The window.
  ///   - numbers: The bands, of which the first are the selected ones; nil for these alone.
  /// - Returns: The pixels.
  /// - Throws: `RasterError` if reading fails.
  func pixels(_ window: Window, bands numbers: [Int]? = nil) throws(RasterError) -> Pixels {
    var rule = validity
    if let declared = rule.declared, declared.count > 1, let numbers {
      rule.declared =
        declared + Array(repeating: declared[0], count: numbers.count - declared.count)
    }
    return try dataset.read(window, bands: numbers ?? bands.numbers, validity: rule)
  }

  /// Reads the pixels of a window of the scene's own grid; returns nil if the file is damaged there.
  ///
  /// - Throws: `RasterError` if reading itself fails; retrying may help.
  func undamagedPixels(
    _ window: Window, bands numbers: [Int]? = nil
  ) throws(RasterError) -> Pixels? {
    do throws(RasterError) {
      return try pixels(window, bands: numbers)
    } catch {
      guard error.kind == .badData else { throw error }
      return nil
    }
  }

  /// Reads a window of the scene's own grid, and marks damaged pixels as invalid.
  ///
  /// A window that cannot be read as a whole is read in the file's blocks.
  ///
  /// - Returns: The pixels, and the parts of the window that cannot be read.
  func pixelsAroundDamage(
    _ window: Window, bands numbers: [Int]? = nil
  ) throws -> (pixels: Pixels, damaged: [Window]) {
    if let pixels = try undamagedPixels(window, bands: numbers) { return (pixels, []) }
    let count = numbers?.count ?? bands.numbers.count
    var pixels = Pixels(
      width: window.width, height: window.height, channels: count,
      values: Array(repeating: .nan, count: window.pixelCount * count),
      isValid: Array(repeating: false, count: window.pixelCount))
    var damaged: [Window] = []
    for block in blocks(overlapping: window) {
      try Task.checkCancellation()
      if let part = try undamagedPixels(block, bands: numbers) {
        pixels.replace(block.relative(to: window), by: part)
      } else {
        damaged.append(block)
      }
    }
    return (pixels, damaged)
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
