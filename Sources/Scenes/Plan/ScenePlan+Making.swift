public import TileModels
import Foundation
import Grids
import Rasters
import Surfaces
import Tensors

extension ScenePlan {
  /// Measures a scene and makes a plan for it.
  ///
  /// O(pixels of the scene), which may take minutes; problems that show without reading pixels are reported before.
  ///
  /// - Parameters:
  ///   - scene: The scene to process.
  ///   - model: The network.
  ///   - options: The user's options.
  ///   - reference: The reference that gives heights in meters; nil for relative heights.
  ///   - scratchFolder: The folder of a temporary file for the overview, which is made while the scene is measured, so
  ///     that a run reads the scene once less; nil to read it again.
  ///   - progress: Called with the share of the scene that has been measured, 0…1.
  /// - Returns: The plan.
  /// - Throws: `SceneError` if the scene, the area, the model and the options are not compatible; the errors of
  ///   `SceneSource.measure`.
  public static func make(
    for scene: SceneSource, model: any TileModel, options: SceneOptions,
    reference: ReferenceSource? = nil, scratchFolder: String? = nil,
    progress: @escaping @Sendable (Double) -> Void = { _ in }
  ) async throws -> ScenePlan {
    let layout = try Layout(scene, model: model, options: options)
    let measurement = try await scene.measure(
      layout.stretch,
      bands: options.stretchBands ?? (model.card.stretch.bands == .joint ? .joint : .each),
      overview: layout.overview, in: scratchFolder, progress: progress)
    try await scene.requireUnchanged()
    var plan = try ScenePlan(scene, model: model, options: options, layout, measurement)
    if let reference {
      try await plan.anchor(
        to: reference, scene, threads: options.threads ?? ProcessLimits().processors)
    }
    return plan
  }

  /// What is known about a plan before the scene is measured.
  private struct Layout {
    let stretch: Stretch
    let area: Window
    let sun: SunAzimuth?
    let turn: SquareSymmetry
    let lattice: Grid
    let tiles: TileGrid
    let groundSampleDistance: Double?
    let refinement: RefineOptions?
    let joint: LatentLattice?
    let overview: OverviewImage.Place?
    let fileOverview: Int?
    private(set) var warnings: [String] = []

    /// Checks the scene, the model and the options, without reading pixels.
    init(_ scene: SceneSource, model: any TileModel, options: SceneOptions) throws {
      guard model.card.bandOrder == ["red", "green", "blue"] else {
        throw SceneError(
          .badData,
          "\(model.card.name) has the band order \(model.card.bandOrder), expected red, green, blue"
        )
      }
      let information = scene.information
      stretch =
        options.stretch
        ?? .percentile(model.card.stretch.lowerPercentile, model.card.stretch.upperPercentile)

      if let problem = information.pixelSizeProblem {
        guard options.forcesGSD else {
          throw SceneError(
            .badData,
            "\(problem)\nassign the right CRS (gdal_edit.py -a_srs EPSG:…), or use the scene as it is with --force-gsd"
          )
        }
        warnings.append("forced: \(problem.prefix { $0 != "\n" })")
      }
      let native = information.groundSampleDistance?.mean
      let decision = try options.gsd.decide(
        native: native, range: model.card.gsdInMeters, isForced: options.forcesGSD)
      warnings += decision.warnings
      if information.georeferencing.kind == .none {
        warnings.append("the scene has no georeferencing, so the output has none")
      } else if information.georeferencing.kind != .map {
        warnings.append(
          "the output has no map projection: like the scene, it is in sensor geometry")
      }
      if let gsd = information.groundSampleDistance, max(gsd.x / gsd.y, gsd.y / gsd.x) > 1.2 {
        warnings.append(
          String(format: "pixels are not square on the ground: %.2f × %.2f m", gsd.x, gsd.y))
      }
      if scene.bands.reason == .onlyOne {
        warnings.append("the scene's only band is repeated as red, green and blue")
      }

      let (area, cut) = try ScenePlan.area(options.area, of: scene)
      if let cut { warnings.append(cut) }
      self.area = area
      sun = try options.sun ?? information.sun
      turn = information.turn(of: sun, into: model.card.sunAzimuth)
      lattice = try ScenePlan.lattice(turn.size(of: scene.grid), scale: decision.scale)
      tiles = try ScenePlan.tiles(
        on: lattice, model: model, options: options, isShifted: options.shiftsTiles)
      groundSampleDistance = native.map { $0 * decision.scale }
      refinement = try ScenePlan.refinement(model, options)
      joint = try ScenePlan.joint(of: tiles, model: model, refinement, options)
      let lattice =
        options.normalization == .scene
        ? try ScenePlan.overviewLattice(
          of: lattice, tiles, gsd: groundSampleDistance, model: model, options: options)?.lattice
        : nil
      fileOverview =
        options.usesFileOverviews
        ? try lattice.map { [turn] in
          try scene.fileOverview(atLeast: turn.inverse.size(of: $0))
        } : nil
      // A part of a large scene does not need the whole overview.
      let isWhole = self.area == scene.grid.window
      let isNeeded = try lattice.map {
        try isWhole
          || ScenePlan.tiles(on: $0, model: model, options: options).count
            <= ScenePlan.maximumOverviewTiles
      }
      overview =
        options.usesFileOverviews || isNeeded != true
        ? nil : lattice.map { [turn] in OverviewImage.Place(lattice: $0, turn: turn) }
    }
  }

  /// Makes a plan from a layout and the results of measuring the scene.
  private init(
    _ scene: SceneSource, model: any TileModel, options: SceneOptions, _ layout: Layout,
    _ measurement: SceneSource.Measurement
  ) throws {
    (stretch, area, sun, turn) = (layout.stretch, layout.area, layout.sun, layout.turn)
    (refinement, joint, fileOverview) = (layout.refinement, layout.joint, layout.fileOverview)
    normalization = options.normalization
    ensemble = options.ensemble
    quantity = options.quantity
    var warnings = layout.warnings
    let (lattice, tiles) = (layout.lattice, layout.tiles)
    let seen = turn.size(of: scene.grid)
    let occupied = { [turn] (tile: TileIndex) in
      Self.mayHavePixels(
        tile, of: tiles, on: lattice, scene.grid, turned: turn, measurement.validity)
    }
    pixelCount = measurement.validity.pixelCount(in: area)
    let seenArea = turn.target(of: area, in: scene.grid)
    var wanted = Self.tiles(of: tiles, under: seenArea, of: seen, lattice: lattice).filter(occupied)
    if refinement != nil, normalization == .scene {
      // Each tile is refined on the surface blended from it and its neighbors.
      let windows = wanted.map { tiles.window(of: $0).intersection(tiles.scene) }
      wanted = Set(windows.flatMap { tiles.tiles(overlapping: $0) }).sorted()
        .filter(occupied)
    }
    working = Level(
      lattice: lattice, tiles: tiles, wanted: wanted, gsd: layout.groundSampleDistance)
    let above =
      normalization == .scene
      ? try Self.overview(
        of: working, scene.grid, turned: turn, measurement.validity, model: model,
        options: options) : nil
    overview = above?.level
    if let above, above.level.wanted.count < above.occupied {
      warnings.append(
        "the calibration uses only the area and its surroundings: for the whole scene it would need "
          + "\(above.occupied) overview tiles")
    }

    self.scene = Identity(scene, measurement.content)
    bands = scene.bands
    validityRule =
      scene.validity.noData.rawValue
      + (scene.validity.declared.map { " " + $0.map { "\($0)" }.joined(separator: ",") } ?? "")
    bundle = model.identity
    engine = "relief \(SceneRun.version), \(CPU.kernelLevel)"
    radiometry = measurement.radiometry
    if radiometry.clippedShare > 0.5 {
      warnings.append(
        String(
          format:
            "%.0f %% of the samples are outside the stretch; the syntax for percentiles is percentile:LOW,HIGH",
          radiometry.clippedShare * 100))
    }
    warnings += [measurement.undeclaredNoData, measurement.damage].compactMap { $0 }
    self.warnings = warnings + [Self.warning(of: sun)].compactMap { $0 }
  }

  /// Returns a warning if the sun azimuth is unknown or uncertain.
  private static func warning(of sun: SunAzimuth?) -> String? {
    guard let sun else {
      return
        "the sun azimuth is unknown, so the scene is processed as it is: if ridges and valleys look inverted, "
        + "set it with --sun-azimuth DEG, clockwise from the top of the image"
    }
    return sun.warning
  }
}
