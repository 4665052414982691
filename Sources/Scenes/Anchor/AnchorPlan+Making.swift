import Foundation
import Fusion
import Grids
import Rasters
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
      scene: scene, reference: reference, crs: crs, lattice: lattice, cellSize: cellSize)
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
