import Files
import Fusion
import Grids
import Rasters
import Surfaces

/// Reads parts of a scene and of its reference: all of a small one, and parts that are spread evenly over a large one.
struct AnchorSurvey {
  let scene: SceneSource
  let reference: ReferenceSource
  let crs: CRS
  let lattice: CellLattice
  let cellSize: Double

  /// The number of cells along each side that are surveyed completely.
  private static let whole = 192
  /// The number of cells along each side of a part, and the number of parts along each side.
  private static let part = (side: 64, count: 3)
  /// The number of samples of a band from which its levels are found.
  private static let levelSamples = 1 << 20

  /// The surveyed windows of cells.
  private var windows: [Window] {
    let cells = lattice.cells
    guard cells.width * cells.height > Self.whole * Self.whole else { return [cells.window] }
    func starts(_ count: Int) -> [Int] {
      let side = min(Self.part.side, count)
      let parts = min(Self.part.count, count / side)
      return (0..<parts).map { (2 * $0 + 1) * count / (2 * parts) - side / 2 }
    }
    return starts(cells.height).flatMap { row in
      starts(cells.width).map { column in
        Window(
          column: column, row: row, width: min(Self.part.side, cells.width),
          height: min(Self.part.side, cells.height))
      }
    }
  }

  /// The rows of cells of a window that are read at once.
  private func strips(of window: Window) -> [Window] {
    window.strips(pixels: max(window.width, (1 << 20) / (lattice.factor * lattice.factor)))
  }

  /// Finds the levels of the bands.
  func bands() async throws -> [BandLogarithm] {
    let numbers = BandLogarithm.bands(of: scene.bands, among: scene.information.bands)
    let pixels = windows.reduce(0) { $0 + lattice.pixels(of: $1).pixelCount }
    let step = max(1, Int((Double(pixels) / Double(Self.levelSamples)).squareRoot().rounded(.up)))
    var found = [[Float]](repeating: [], count: numbers.count)
    for strip in windows.flatMap(strips) {
      let window = lattice.pixels(of: strip)
      let samples = try await scene.samples(window, bands: numbers)
      for row in stride(from: 0, to: window.height, by: step) {
        for column in stride(from: 0, to: window.width, by: step) {
          let pixel = (row * window.width + column) * numbers.count
          for band in numbers.indices { found[band].append(samples[pixel + band]) }
        }
      }
    }
    return zip(numbers, found).map { BandLogarithm(of: $0, $1) }
  }

  /// Reads the parts, with at least three pixels along each side of a cell, and their digest.
  ///
  /// Parts without heights, or without valid pixels, are left out.
  ///
  /// - Throws: `SceneError` if the reference has no heights under a scene that is surveyed completely.
  func samples(_ bands: [BandLogarithm]) async throws -> ([FusionSample], digest: String) {
    let detail = lattice.pixelsPerSurveyedCell
    var hash = SHA256()
    hash.update(Array("\(reference.grid.width) \(reference.grid.height)".utf8).span.bytes)
    var samples: [FusionSample] = []
    let windows = windows
    for window in windows {
      try Task.checkCancellation()
      let heights = try await reference.heights(
        of: lattice.grid(of: window, on: scene.grid), in: crs,
        size: lattice.isAligned ? nil : cellSize)
      guard windows.count > 1 || heights.contains(where: { !$0.isNaN }) else {
        throw SceneError(
          .badData,
          "the reference \(reference.path) has no heights in the area of \(scene.path): "
            + "give one that covers it (gdalinfo shows the extent of both)")
      }
      hash.update(heights.span.bytes)
      let spline = CellSpline(
        cells: Grid(width: window.width, height: window.height), factor: detail)
      var light = [[Float]](repeating: [], count: bands.count)
      for strip in strips(of: window) {
        let pixels = lattice.pixels(of: strip)
        let values = bands.values(
          of: try await scene.samples(pixels, bands: bands.map(\.band)))
        let reduction = Resampling(
          from: Grid(width: pixels.width, height: pixels.height),
          to: Grid(width: strip.width * detail, height: strip.height * detail))
        for band in bands.indices {
          light[band] += reduction.apply(values[band], to: reduction.target.window)
        }
      }
      guard Self.isMostlyKnown(heights), light.allSatisfy(Self.isMostlyKnown) else { continue }
      samples.append(
        FusionSample(
          Resampling.filled(heights, on: spline.cells),
          bands: light.map { Resampling.filled($0, on: spline.grid) }, on: spline))
    }
    return (samples, hash.hexadecimal())
  }

  private static func isMostlyKnown(_ values: [Float]) -> Bool {
    2 * values.count { $0.isNaN } < values.count
  }
}
