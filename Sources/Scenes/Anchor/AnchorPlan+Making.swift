import Files
import Foundation
import Fusion
import Grids
import Rasters
import Surfaces
import Tensors

extension AnchorPlan {
  /// Surveys parts of a scene and of its reference, and decides how they are fused.
  ///
  /// - Parameters:
  ///   - reference: The reference.
  ///   - plan: The plan of the relative heights.
  ///   - scene: The scene.
  ///   - threads: The number of threads.
  /// - Throws: `SceneError` if the scene has no place on the map, or the reference no heights there; the errors of
  ///   `ReferenceSource`.
  init(
    _ reference: ReferenceSource, for plan: ScenePlan, of scene: SceneSource, threads: Int
  ) async throws {
    guard let crs = scene.information.georeferencing.crs, scene.grid.geoTransform != nil,
      let distance = scene.information.groundSampleDistance
    else {
      throw SceneError(
        .usage,
        "a reference needs a scene with a geotransform and a CRS, but \(scene.path) has none: "
          + "orthorectify it first (gdalwarp), or leave out --reference")
    }
    guard Set(reference.inputs.paths).isDisjoint(with: scene.inputs.paths) else {
      throw SceneError(
        .usage, "the reference \(reference.path) is the scene itself: expected a DEM of its area")
    }
    self.reference = reference.path
    levelRadius = reference.isInteger ? 4 : 1
    referenceGrid = reference.grid
    (source, output) = (reference.heights, reference.output)
    lattice = try CellLattice(
      over: plan.area, of: scene.grid, crs, distance, reference: reference)
    cellSize = Double(lattice.factor) * distance.mean
    aspect = Float(distance.y / distance.x)
    let scale = Double(plan.turnedGrid.width) / Double(plan.working.lattice.width)
    networkWavelength = Self.networkWavelength * max(scale, 1)
    let survey = AnchorSurvey(
      scene: scene, reference: reference, crs: crs, lattice: lattice, cellSize)
    bands = try await survey.bands()
    let (samples, digest) = try await survey.samples(bands)
    sha256 = digest
    let azimuth = plan.sun.flatMap { sun in
      scene.information.orientation.map { $0.imageAzimuth(of: sun.degrees) } ?? sun.degrees
    }
    let isSharpened = lattice.factor > 1
    self.survey = Parallel.$workers.withValue(threads) { [aspect] in
      ImageSurvey(isSharpened ? samples : [], sun: azimuth, aspect: aspect) { parallel($0, $1) }
    }
  }
}

/// Reads parts of a scene and of its reference: all of a small one, and parts that are spread evenly over a large one.
private struct AnchorSurvey {
  let scene: SceneSource
  let reference: ReferenceSource
  let crs: CRS
  let lattice: CellLattice
  let cellSize: Double

  init(
    scene: SceneSource, reference: ReferenceSource, crs: CRS, lattice: CellLattice,
    _ cellSize: Double
  ) {
    (self.scene, self.reference, self.crs) = (scene, reference, crs)
    (self.lattice, self.cellSize) = (lattice, cellSize)
  }

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
    for window in windows {
      try Task.checkCancellation()
      let heights = try await reference.heights(
        of: lattice.grid(of: window, on: scene.grid), in: crs,
        size: lattice.isAligned ? nil : cellSize)
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
      if windows.count == 1 { break }
    }
    if samples.isEmpty, windows.count == 1 { try await requireHeights() }
    return (samples, hash.hexadecimal())
  }

  private static func isMostlyKnown(_ values: [Float]) -> Bool {
    2 * values.count { $0.isNaN } < values.count
  }

  /// Throws if the reference has no height under the area.
  private func requireHeights() async throws {
    let heights = try await reference.heights(
      of: lattice.grid(of: lattice.cells.window, on: scene.grid), in: crs,
      size: lattice.isAligned ? nil : cellSize)
    guard heights.allSatisfy(\.isNaN) else { return }
    throw SceneError(
      .badData,
      "the reference \(reference.path) has no heights in the area of \(scene.path): "
        + "give one that covers it (gdalinfo shows the extent of both)")
  }
}

extension ScenePlan {
  /// Adds what makes the heights meters, and what the user should know about it.
  mutating func anchor(
    to reference: ReferenceSource, _ scene: SceneSource, threads: Int
  ) async throws {
    let anchor = try await AnchorPlan(reference, for: self, of: scene, threads: threads)
    self.anchor = anchor
    warnings += reference.warnings
    if anchor.lattice.factor == 1 {
      warnings.append(
        "the reference is as fine as the scene or finer, so no detail is added: its heights are brought to the scene's grid"
      )
    } else if anchor.survey.isShifted, let shift = anchor.survey.shift {
      warnings.append(
        String(
          format:
            "the image lies %.1f ± %.1f m from the reference, so its detail is not added: register one of them to the other",
          shift.distance * anchor.cellSize / Double(anchor.survey.pixelsPerCell ?? 1),
          shift.deviation * anchor.cellSize / Double(anchor.survey.pixelsPerCell ?? 1)))
    }
  }
}
