import Grids
import Rasters

extension SceneSource {
  /// What measuring a scene found.
  public struct Measurement: Sendable {
    public let radiometry: Radiometry
    public let content: SceneContent
    /// What could not be read, in words; nil where all was read.
    public let damage: String?
    /// A value that looks like nodata and is not declared, in words; nil for none.
    public let undeclaredNoData: String?
    let validCells: ValidCells
  }

  /// Reads the whole scene once: its radiometry, its content and where it has valid pixels.
  ///
  /// The radiometry takes of every k-th row every k-th pixel, with the k that leaves at most two million. The file is read
  /// block by block, so that each is decoded once, however small GDAL's cache; what GDAL knows as a hole without a
  /// valid pixel is not read. Damaged blocks are left out, and reported as `damage`.
  ///
  /// Measuring the same again is free.
  ///
  /// - Parameters:
  ///   - stretch: How the range of values is found.
  ///   - kind: Whether the bands share it.
  ///   - progress: Called with the share of the scene that has been read, 0…1.
  /// - Returns: What was found; of a scene without a valid pixel there is none.
  /// - Throws: `RasterError` if reading fails, or all of the scene is damaged; `SceneError` as `Radiometry`.
  public func measure(
    _ stretch: Stretch, bands kind: Radiometry.Bands, progress: (Double) -> Void = { _ in }
  ) throws -> Measurement {
    let calibration = Calibration(stretch: stretch, bands: kind)
    if let known = measurements[calibration] { return known }
    let selected = bands.numbers.map { information.bands[$0 - 1] }
    var survey = SceneSurvey(of: grid, saturated: selected.map { $0.saturated.map { Float($0) } })
    var damage: (pixels: Int, first: Window)?
    var hasPixels = false
    let lines = SceneSurvey.windows(
      of: grid, blockWidth: selected[0].blockWidth, blockHeight: selected[0].blockHeight)
    for (number, line) in lines.enumerated() {
      let whole = Window(column: 0, row: line[0].row, width: grid.width, height: line[0].height)
      for window in isHole(whole) ? [] : line {
        try Task.checkCancellation()
        if isHole(window) { continue }
        let (pixels, damaged) = try pixelsAroundDamage(window)
        survey.add(pixels, at: window)
        hasPixels = hasPixels || damaged < window.pixelCount
        guard damaged > 0 else { continue }
        survey.addDamaged(window)
        damage = (damaged + (damage?.pixels ?? 0), damage?.first ?? window)
      }
      progress(Double(number + 1) / Double(lines.count))
    }
    if let damage, !hasPixels { _ = try pixels(damage.first) }  // throws why
    let measurement = Measurement(
      radiometry: try Radiometry(
        stretch, bands: kind, samples: survey.samples.map { $0.filter { !$0.isNaN } },
        step: survey.step, numbers: bands.numbers),
      content: survey.digest.content(
        of: grid, bands: bands.numbers.count, information.georeferencing),
      damage: damage.map {
        "\($0.pixels) pixels of the scene are damaged and cannot be read, the first in the window \($0.first)"
      },
      undeclaredNoData: UndeclaredNoData(in: survey).map {
        if case .range = stretch { $0.note(isMeasured: false) } else { $0.note(isMeasured: true) }
      },
      validCells: survey.validCells)
    measurements[calibration] = measurement
    return measurement
  }

  /// What the scene shows, whatever its radiometry.
  var content: SceneContent {
    get throws {
      try (measurements.first?.value ?? measure(.range(0, 1), bands: .joint)).content
    }
  }

  private func isHole(_ window: Window) -> Bool {
    dataset.isHole(window, bands: bands.numbers, validity: validity)
  }

  /// The part of a window that may have valid pixels: all of it while the scene has not been measured.
  func hull(in window: Window) -> Window {
    measurements.first?.value.validCells.hull(in: window) ?? window
  }
}
