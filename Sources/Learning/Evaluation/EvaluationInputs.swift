import Grids
import Rasters
import Scenes
import Surfaces

/// The rasters of an evaluation, brought to the grids on which they are compared.
struct EvaluationInputs {
  let request: EvaluationRequest
  let scratch: ScratchFolder
  /// The grid of the heights.
  let own: RasterGrid
  let common: CommonGrid
  /// On the common grid.
  let reference: any HeightSurface
  /// Whether the heights are metres.
  let areMetres: Bool
  /// Whether the raster says that they are not.
  let isRelative: Bool
  /// Whether the reference is metres: its unit says so, or it has none and names a CRS.
  let isReferenceMetric: Bool
  /// −1 where the raster says that it grows downward.
  let sign: Double
  /// Paths on the common grid.
  let heightsPath: String
  let referencePath: String
  /// Blurred and fine brightness on the grid of the heights; nil without an image.
  let luminance: (broad: String, fine: String)?
  let rivals: [PlacedRival]
  let notes: [String]

  init(_ request: EvaluationRequest, _ scratch: ScratchFolder) throws {
    self.request = request
    self.scratch = scratch
    let heights = try Dataset(reading: request.heights)
    let truth = try Dataset(reading: request.reference)
    try Self.requireMetres(truth)
    own = try RasterGrid(of: heights, gsd: request.gsdInMeters)
    common = try CommonGrid(
      heights: own, reference: RasterGrid(of: truth, gsd: request.gsdInMeters),
      names: (request.heights, request.reference))
    let tags = heights.metadata()
    isReferenceMetric =
      !truth.bands[0].unit.isEmpty || truth.georeferencing.crs != nil
    isRelative = tags["HEIGHT"] == "relative"
    sign = tags["POSITIVE"] == "down" ? -1 : 1
    areMetres =
      switch request.unit {
      case .metres: true
      case .relative: false
      case .automatic:
        tags["HEIGHT"] != "relative" && Self.metres.contains(heights.bands[0].unit.lowercased())
      }
    heightsPath = try common.place(request.heights, as: "heights", in: scratch)
    referencePath = try common.placeReference(request.reference, in: scratch)
    reference = try RasterSurface(referencePath)
    if let image = request.image {
      luminance = try Self.luminance(image, request, own, scratch)
    } else {
      luminance = nil
    }
    let grid = own
    rivals = try request.rivals.enumerated().map {
      try PlacedRival($1, number: $0, on: grid, in: scratch)
    }
    notes =
      sign < 0 ? ["The heights grow downward, by their tag POSITIVE; they were turned round."] : []
  }

  private static let metres: Set<String> = ["m", "metre", "metres", "meter", "meters"]

  private static func requireMetres(_ truth: borrowing Dataset) throws {
    let unit = truth.bands[0].unit
    guard unit.isEmpty || metres.contains(unit.lowercased()) else {
      throw SceneError(
        .badData,
        "the reference \(truth.path) is in \(unit), expected metres: gdal_calc.py turns them")
    }
  }

  /// Of the image on the grid of the heights.
  private static func luminance(
    _ image: String, _ request: EvaluationRequest, _ own: RasterGrid, _ scratch: ScratchFolder
  ) throws -> (broad: String, fine: String) {
    let path = try own.placing(
      Luminance.write(of: image, bands: request.bands, in: scratch), "the image \(image)",
      as: "luminance", in: scratch)
    func part(_ name: String, _ part: Luminance.Part) throws -> String {
      try Luminance.parted(
        path, at: Luminance.blur, in: scratch, on: own, name: "luminance-" + name, part)
    }
    return (try part("broad", .broad), try part("fine", .fine))
  }

  /// On the common grid.
  func water() throws -> (any HeightSurface)? {
    try request.water.map { water in
      let path = scratch.raster("water")
      try Warp.write(
        Dataset(reading: water), onto: common.target.grid, crs: common.target.crs, by: .nearest,
        to: path)
      let surface = try RasterSurface(path)
      guard
        try EvenSample(of: [surface], on: common.target.grid).values[0].contains(where: {
          !$0.isNaN
        })
      else {
        throw SceneError(.badData, "the mask of water \(water) has no pixel where the heights lie")
      }
      return surface
    }
  }

  /// On the common grid, in pixels of the heights; nil where nobody knows tiles.
  func tileDistances() throws -> (any HeightSurface)? {
    let dataset = try Dataset(reading: request.heights)
    guard let lines = try TileLines(of: dataset, tiling: request.tiling),
      let path = try TileDistances.write(lines, on: own, in: scratch)
    else { return nil }
    return try RasterSurface(common.place(path, as: "tile-distances", in: scratch))
  }

  /// What takes forms away that are broader than the band.
  var highPass: (filter: HighPass, text: String) {
    get throws {
      let most = 256.0
      guard let ground = common.target.ground else {
        return (
          HighPass(wavelengthInColumns: most, rows: most), "below \(Int(most)) pixels"
        )
      }
      guard request.bandInMeters >= 4 * max(ground.x, ground.y) else {
        throw SceneError(
          .usage,
          "forms below \(request.bandInMeters / 1000) km can't be seen on pixels of \(common.target.text), "
            + "expected four pixels at least")
      }
      let columns = min(request.bandInMeters / ground.x, most)
      let rows = min(request.bandInMeters / ground.y, most)
      let kilometres = min(columns * ground.x, rows * ground.y) / 1000
      return (
        HighPass(wavelengthInColumns: columns, rows: rows),
        "below \(kilometres.text(decimals: kilometres < 1 ? 3 : 1)) km"
      )
    }
  }

  /// The paper's metrics look at the grid of the heights, as the paper does.
  func paperScores() throws -> PaperScores {
    let truth: any HeightSurface
    if common.heights == .asItIs && own.isSame(as: common.target) {
      truth = reference
    } else {
      let path = scratch.raster("reference-own")
      let dataset = try Dataset(reading: request.reference)
      try Warp.write(
        dataset, onto: own.grid, crs: own.crs, by: common.reference.method, to: path)
      truth = try RasterSurface(path)
    }
    let sample = try EvenSample(of: [truth, try RasterSurface(request.heights)], on: own.grid)
      .shared
    var surfaces: [(name: String, fit: Fit, surface: any HeightSurface)] = [
      ("heights", .none, try RasterSurface(request.heights, Placement(scale: sign)))
    ]
    for rival in rivals {
      let surface = try RasterSurface(rival.path, Placement(scale: rival.sign))
      surfaces.append((rival.name, .affine, surface))
    }
    if let plane = sample.plane(0) {
      surfaces.append(("mean of the reference", .oracle, PlaneSurface(level: plane.level)))
      surfaces.append(("plane", .oracle, plane))
    }
    if let luminance {
      let broad = try RasterSurface(luminance.broad)
      let both = try EvenSample(of: [broad, truth], on: own.grid)
      let fit = RobustRegression(of: both.values[0], to: both.values[1], mayTurn: true)
      surfaces.append(
        (
          "blurred luminance", .affine,
          try RasterSurface(luminance.broad, Placement(scale: (fit?.scale ?? 1) < 0 ? -1 : 1))
        ))
    }
    return PaperScores(grid: own.grid, truth: truth, surfaces: surfaces, lpips: request.lpips)
  }
}
