import Files
import Fusion
import Grids
import Rasters
import Reports
import Scenes

/// How much nearer to a DEM its averaged cells come when the detail of an image, of a network's heights, or of both is
/// added to them.
///
/// The DEM is averaged over cells and sharpened as `relief infer --reference` does; the DEM itself is the truth. With an
/// anchor, such as the same DEM with errors, its cells are sharpened.
public struct SharpeningTrial: Sendable, Encodable {
  /// The name of the site.
  public let site: String
  /// The number of pixels along each side of a cell.
  public let cell: Int
  /// The number of columns and rows of cells.
  public let columns, rows: Int
  /// What was compared with the enlarged cells.
  public let candidates: [Candidate]
  /// What the image shows of the sun and of its place, as text.
  public let survey: String

  /// Sharpened cells.
  public struct Candidate: Sendable, Encodable {
    /// The sources of detail.
    public let name: String
    /// Whether any detail was added.
    public let isSharpened: Bool
    /// The RMSE by that of the enlarged cells, with its 95 % interval.
    public let rmse: Estimate
    /// The RMSE of slopes, alike.
    public let slope: Estimate
    /// The share of blocks that are farther from the truth than the enlarged cells.
    public let worseBlocks: Double
  }

  /// Runs the trial of a site.
  ///
  /// - Parameters:
  ///   - request: The heights of the network, the DEM as the reference, and the image.
  ///   - cells: The numbers of pixels along each side of a cell.
  /// - Returns: A trial for each size of cells that leaves at least two cells along each side.
  /// - Throws: `SceneError` if there is no image or the site is too large; `RasterError` if a raster cannot be read.
  public static func run(_ request: EvaluationRequest, cells: [Int]) throws -> [SharpeningTrial] {
    let scratch = try ScratchFolder(in: request.scratchFolder)
    let site = try SharpeningSite(request, in: scratch)
    return cells.compactMap { factor in
      let grid = site.grid.grid
      guard min(grid.width, grid.height) >= 2 * factor else { return nil }
      return SharpeningTrial(site, cell: factor, request)
    }
  }

  private init(_ site: SharpeningSite, cell factor: Int, _ request: EvaluationRequest) {
    let whole = site.grid.grid
    let cells = Grid(width: whole.width / factor, height: whole.height / factor)
    let spline = CellSpline(cells: cells, factor: factor)
    func part(_ values: [Float]) -> [Float] {
      values.cropped(to: spline.grid.window, from: whole.window)
    }
    let truth = part(site.truth)
    let reference = spline.means(part(site.anchor))
    let aspect = site.grid.ground.map { Float($0.y / $0.x) } ?? 1
    let survey = ImageSurvey(
      [FusionSample(reference, bands: site.bands.map(part), on: spline)], sun: nil, aspect: aspect)
    let integrals = ShadingIntegrals(
      whole, sun: survey.light, aspect: aspect,
      reach: Float(AnchorPlan.reach) * Float(factor))
    let shading = DetailSource(
      "shading", site.bands.flatMap { integrals.surfaces(of: $0).map(part) })
    let network = DetailSource("network", [part(site.network)])
    let side = Self.blockSide(site.grid, factor)
    let comparison = SharpeningComparison(
      truth: truth, base: spline.enlarged(reference),
      isKnown: site.isKnown.cropped(to: spline.grid.window, from: whole.window),
      on: spline.grid, ground: site.grid.ground, side: side, request.bootstrap)
    candidates = [("network", [network]), ("shading", [shading]), ("both", [shading, network])].map
    {
      name, sources in
      let fused = DetailFusion(reference, with: survey.isShifted ? [] : sources, on: spline)
      return comparison.candidate(
        name, fused.heights, isSharpened: fused.tests.contains { $0.share > 0 })
    }
    self.site = request.name
    cell = factor
    (columns, rows) = (cells.width, cells.height)
    self.survey = Self.text(survey)
  }

  /// The side of the blocks of the bootstrap in pixels: 5 km, or an eighth of the shorter side without a pixel size.
  private static func blockSide(_ grid: RasterGrid, _ factor: Int) -> Int {
    let most = min(grid.grid.width, grid.grid.height) / 4
    guard let ground = grid.ground else { return max(1, most / 2) }
    return max(1, min(most, Int(5000 / ground.mean)))
  }

  private static func text(_ survey: ImageSurvey) -> String {
    var parts: [String] = []
    if let sun = survey.sun {
      parts.append(
        "light \(sun.degrees.text(decimals: 0))°" + (survey.isSunLikely ? "" : ", not the sun"))
    }
    if let shift = survey.shift {
      parts.append(
        "shift \(shift.columns.text(decimals: 1)), \(shift.rows.text(decimals: 1)) ± "
          + shift.deviation.text(decimals: 1) + " pixels, explains "
          + shift.explained.text(decimals: 0, times: 100) + " %"
          + (survey.isShifted ? ": no detail" : ""))
    }
    return parts.joined(separator: "; ")
  }
}
