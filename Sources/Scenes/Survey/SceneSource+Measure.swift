package import Grids
import Rasters

extension SceneSource {
  /// The results of measuring a scene.
  public struct Measurement: Sendable {
    /// The calibration of the sample values.
    public let radiometry: Radiometry
    /// The identity of the pixels.
    public let content: SceneContent
    /// A description of the unreadable pixels; nil if all pixels were read.
    public let damage: String?
    /// A description of a value that looks like nodata but is not declared as such; nil if there is none.
    public let undeclaredNoData: String?
    let validity: ValidityMap
  }

  /// Reads the whole scene once to determine its radiometry, its content and its valid pixels.
  ///
  /// The radiometry is measured on every k-th pixel of every k-th row, with the smallest k that leaves at most two
  /// million pixels. The file is read block by block, so that each block is decoded once, no matter how small GDAL's
  /// cache is. Parts that GDAL knows to be holes without valid pixels are not read. Damaged blocks are skipped and
  /// reported as `damage`.
  ///
  /// Results are cached: repeating a measurement costs nothing.
  ///
  /// - Parameters:
  ///   - stretch: How the limits of the stretch are found.
  ///   - kind: Whether the bands share one stretch.
  ///   - progress: Called with the share of the scene that has been read, 0…1.
  /// - Returns: The measurement.
  /// - Throws: `RasterError` if reading fails or the whole scene is damaged; `SceneError` as `Radiometry`, for example
  ///   if the scene has no valid pixels.
  public func measure(
    _ stretch: Stretch, bands kind: Radiometry.Bands, progress: (Double) -> Void = { _ in }
  ) throws -> Measurement {
    try measure(stretch, bands: kind, overview: nil, in: nil, progress: progress)
  }

  /// Measures the scene, and makes an overview in a file in `folder` meanwhile, unless the measurement is known.
  func measure(
    _ stretch: Stretch, bands kind: Radiometry.Bands, overview place: OverviewImage.Place?,
    in folder: String?, progress: (Double) -> Void
  ) throws -> Measurement {
    let calibration = Calibration(stretch: stretch, bands: kind)
    if let known = measurements[calibration] { return known }
    // Without a file for it, the scene is read again.
    overview = place.flatMap { place in
      folder.flatMap { try? OverviewImage(at: place, bands: bands.numbers.count, in: $0) }
    }
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
        let count = damaged.reduce(0) { $0 + $1.pixelCount }
        hasPixels = hasPixels || count < window.pixelCount
        guard count > 0 else { continue }
        survey.addDamaged(damaged, of: window)
        damage = (count + (damage?.pixels ?? 0), damage?.first ?? window)
      }
      try extendOverview(above: whole.rows.upperBound, survey.validity)
      progress(Double(number + 1) / Double(lines.count))
    }
    if let damage, !hasPixels { _ = try pixels(damage.first) }  // throws the reason
    let measurement = Measurement(
      radiometry: try Radiometry(
        stretch, bands: kind, samples: survey.samples.map { $0.filter { !$0.isNaN } },
        step: survey.step, numbers: bands.numbers),
      content: survey.digest.content(
        of: grid, bands: bands.numbers.count, information.georeferencing),
      damage: damage.map {
        "\($0.pixels) pixels of the scene are damaged and cannot be read; the first ones are in the window \($0.first)"
      },
      undeclaredNoData: UndeclaredNoData(in: survey).map {
        if case .range = stretch { $0.note(isMeasured: false) } else { $0.note(isMeasured: true) }
      },
      validity: survey.validity)
    measurements[calibration] = measurement
    return measurement
  }

  /// The content of the scene, which does not depend on the radiometry.
  var content: SceneContent { get throws { try anyMeasurement.content } }

  /// Returns the state of each pixel of a window, `[row, column]`; see `ValidityMap.State`.
  package func validity(of window: Window) throws -> [UInt8] {
    try anyMeasurement.validity.states(in: window)
  }

  /// A measurement with any radiometry; measures the scene if that has not been done yet.
  private var anyMeasurement: Measurement {
    get throws { try measurements.first?.value ?? measure(.range(0, 1), bands: .joint) }
  }

  private func isHole(_ window: Window) -> Bool {
    dataset.isHole(window, bands: bands.numbers, validity: validity)
  }
}
