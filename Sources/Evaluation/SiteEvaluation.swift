import Files
import Foundation
import Grids
import Rasters
import Scenes
import Surfaces

/// The evaluation of one site: heights compared with a reference, next to baselines that need no network.
public struct SiteEvaluation: Sendable, Encodable {
  /// The name of the site.
  public let name: String
  /// The path of the heights.
  public let heights: String
  /// The path of the reference.
  public let reference: String
  /// Whether the reference is in meters; otherwise, metrics are in its own unit and slopes are omitted.
  public let isMetric: Bool
  /// A description of the common grid.
  public let grid: String
  /// How both rasters were resampled to the common grid.
  public let preparation: String
  /// The side of a bootstrap block, in pixels of the common grid.
  public let blockSide: Int
  /// The number of blocks with heights.
  public let blocks: Int
  /// A description of the band of the correlation.
  public let band: String
  /// The surfaces, starting with the heights: unchanged, fitted, and coregistered.
  public let surfaces: [EvaluatedSurface]
  /// The paper's metrics of each surface.
  public let paper: [PaperScore]
  /// The number of images over which the paper's metrics are averaged.
  public let paperImages: Int
  /// The number of images that were left out because of voids.
  public let paperImagesLeftOut: Int
  /// Warnings and remarks.
  public let notes: [String]
  /// The charts of the first surface.
  let charts: EvaluationCharts?

  private enum CodingKeys: CodingKey {
    case name, heights, reference, isMetric, grid, preparation, blockSide, blocks, band, surfaces,
      paper
    case paperImages, paperImagesLeftOut, notes
  }

  /// Evaluates one site.
  ///
  /// Both rasters are read a fixed number of times, block by block. Memory use does not depend on their size; scratch
  /// files are as large as the rasters.
  ///
  /// - Parameters:
  ///   - request: The heights, the reference and options.
  ///   - progress: Called with the completed fraction, 0…1.
  /// - Returns: The evaluation.
  /// - Throws: `RasterError` if a raster cannot be read, `SceneError` if the two cannot be compared,
  ///   `CancellationError`.
  public static func evaluate(
    _ request: EvaluationRequest, progress: (Double) -> Void = { _ in }
  ) throws -> SiteEvaluation {
    let scratch = try ScratchFolder(in: request.scratchFolder)
    let inputs = try EvaluationInputs(request, scratch)
    let common = inputs.common
    progress(0.2)
    let (candidates, fitNotes) = try inputs.candidates()
    let band = try inputs.highPass
    let subjects = try subjects(inputs, candidates)
    progress(0.3)
    let pass = BlockPass(
      grid: common.target.grid, ground: common.target.ground.map { ($0.x, $0.y) },
      reference: subjects[0], surfaces: Array(subjects.dropFirst()),
      strata: Strata(
        ground: common.target.ground.map { ($0.x, $0.y) }, water: try inputs.water()),
      distances: try inputs.tileDistances(), highPass: band.filter,
      side: BlockPass.side(for: common.target.grid))
    let (found, pairs) = try pass.run { progress(0.3 + 0.4 * $0) }
    guard let first = found.first, !first.blocks.isEmpty else {
      throw SceneError(
        .badData,
        "\(request.heights) and \(request.reference) have no pixel where both have a height")
    }
    let judged = zip(candidates, found).map { candidate, found in
      EvaluatedSurface(
        candidate, found, request.bootstrap,
        knowsSlopes: common.target.ground != nil && inputs.isReferenceMetric)
    }
    let paper = try inputs.paperScores().run { progress(0.7 + 0.3 * $0) }
    return SiteEvaluation(
      name: request.name, heights: request.heights, reference: request.reference,
      isMetric: inputs.isReferenceMetric, grid: common.target.text,
      preparation: "heights \(common.heights.rawValue), reference \(common.reference.rawValue)",
      blockSide: pass.side, blocks: first.blocks.count, band: band.text, surfaces: judged,
      paper: paper.scores, paperImages: paper.images, paperImagesLeftOut: paper.leftOut,
      notes: fitNotes + inputs.notes,
      charts: try EvaluationCharts(
        inputs, candidates, pairs: pairs,
        differences: first.blocks.flatMap(\.differences.sample).map(Double.init)))
  }

  /// Returns the reference, then all surfaces, each with its least-squares plane.
  private static func subjects(
    _ inputs: EvaluationInputs, _ candidates: [Candidate]
  ) throws -> [BlockPass.Subject] {
    let surfaces = [inputs.reference] + candidates.map(\.surface)
    let sample = try EvenlySpacedSample(
      of: surfaces, on: inputs.common.target.grid, atMost: 1 << 16)
    return surfaces.enumerated().map { index, surface in
      BlockPass.Subject(
        surface: surface, plane: sample.plane(index) ?? PlaneSurface(level: 0),
        isMoved: index > 0 && candidates[index - 1].isCoregistered)
    }
  }
}
