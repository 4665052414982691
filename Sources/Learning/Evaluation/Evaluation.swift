import Foundation
import Grids
import Rasters
import Scenes
import Surfaces

/// Heights of one site, judged by a reference, beside what anyone could have done without a network.
public struct Evaluation: Sendable, Encodable {
  public let name: String
  public let heights: String
  public let reference: String
  /// Whether the reference is metres; if not, figures are in its own unit and slopes aren't told.
  public let isMetric: Bool
  /// The common grid, in words, and what was done to either raster to bring it there.
  public let grid: String
  public let preparation: String
  /// Of the blocks that the bootstrap draws, along their side, in pixels of the common grid; and how many have heights.
  public let blockSide: Int
  public let blocks: Int
  /// Of the correlation, in words.
  public let band: String
  /// The heights first, as they are, fitted, and coregistered.
  public let surfaces: [JudgedSurface]
  public let paper: [PaperScore]
  /// How many images the paper's metrics are the mean of, and how many were left out for voids.
  public let paperImages: Int
  public let paperImagesLeftOut: Int
  /// What else should be known.
  public let notes: [String]
  /// Of the first surface.
  let charts: EvaluationCharts?

  private enum CodingKeys: CodingKey {
    case name, heights, reference, isMetric, grid, preparation, blockSide, blocks, band, surfaces,
      paper
    case paperImages, paperImagesLeftOut, notes
  }

  /// Judges one site.
  ///
  /// Both rasters are read a fixed number of times, block by block; memory is bounded whatever their size, scratch files
  /// are as large as the rasters.
  ///
  /// - Parameters:
  ///   - request: What is judged, by what.
  ///   - progress: Called with the share that is done, 0…1.
  /// - Throws: `RasterError` where a raster can't be read, `SceneError` where the two can't be compared,
  ///   `CancellationError`.
  public init(_ request: EvaluationRequest, progress: (Double) -> Void = { _ in }) throws {
    SceneSource.boundCache()
    let scratch = try ScratchFolder(in: request.scratchFolder)
    let inputs = try EvaluationInputs(request, scratch)
    let common = inputs.common
    progress(0.2)
    let (candidates, fitNotes) = try inputs.candidates()
    let band = try inputs.highPass
    let subjects = try Self.subjects(inputs, candidates)
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
      JudgedSurface(
        candidate, found, request.bootstrap,
        knowsSlopes: common.target.ground != nil && inputs.isReferenceMetric)
    }
    let paper = try inputs.paperScores().run { progress(0.7 + 0.3 * $0) }
    name = request.name
    heights = request.heights
    reference = request.reference
    isMetric = inputs.isReferenceMetric
    grid = common.target.text
    preparation =
      "heights \(common.heights.rawValue), reference \(common.reference.rawValue)"
    blockSide = pass.side
    blocks = first.blocks.count
    self.band = band.text
    surfaces = judged
    self.paper = paper.scores
    paperImages = paper.images
    paperImagesLeftOut = paper.leftOut
    notes = fitNotes + inputs.notes
    charts = try EvaluationCharts(
      inputs, candidates, pairs: pairs,
      differences: first.blocks.flatMap(\.differences.sample).map(Double.init))
  }

  /// The reference, then all surfaces, each with the plane through it.
  private static func subjects(
    _ inputs: EvaluationInputs, _ candidates: [Candidate]
  ) throws -> [BlockPass.Subject] {
    let surfaces = [inputs.reference] + candidates.map(\.surface)
    let sample = try EvenSample(
      of: surfaces, on: inputs.common.target.grid, atMost: 1 << 16)
    return surfaces.enumerated().map { index, surface in
      BlockPass.Subject(
        surface: surface, plane: sample.plane(index) ?? PlaneSurface(level: 0),
        isMoved: index > 0 && candidates[index - 1].isCoregistered)
    }
  }
}
