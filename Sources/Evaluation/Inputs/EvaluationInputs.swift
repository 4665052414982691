import Files
import Grids
import Rasters
import Scenes
import Surfaces

/// The rasters of an evaluation, resampled to the grids on which they are compared.
struct EvaluationInputs {
  let request: EvaluationRequest
  let scratch: ScratchFolder
  /// The grid of the heights.
  let own: RasterGrid
  let common: CommonGrid
  /// The reference on the common grid.
  let reference: any HeightSurface
  /// Whether the heights are in meters.
  let areInMeters: Bool
  /// Whether the raster is tagged as relative.
  let isRelative: Bool
  /// Whether the reference is in meters: its unit says so, or it has no unit but a CRS.
  let isReferenceMetric: Bool
  /// −1 if the raster is tagged as positive downward, otherwise 1.
  let sign: Double
  /// The path of the heights on the common grid.
  let heightsPath: String
  /// The path of the reference on the common grid.
  let referencePath: String
  /// Low-pass and high-pass filtered brightness on the heights' grid; nil without an image.
  let luminance: (broad: String, fine: String)?
  let rivals: [PlacedRival]
  let notes: [String]

  init(_ request: EvaluationRequest, _ scratch: ScratchFolder) throws {
    self.request = request
    self.scratch = scratch
    let heights = try Dataset(reading: request.heights)
    let truth = try Dataset(reading: request.reference)
    try Self.requireMeters(truth)
    own = try RasterGrid(of: heights, gsd: request.gsdInMeters)
    common = try CommonGrid(
      heights: own, reference: RasterGrid(of: truth, gsd: request.gsdInMeters),
      names: (request.heights, request.reference))
    let tags = heights.metadata()
    isReferenceMetric =
      !truth.bands[0].unit.isEmpty || truth.georeferencing.crs != nil
    isRelative = tags["HEIGHT"] == "relative"
    sign = tags["POSITIVE"] == "down" ? -1 : 1
    areInMeters =
      switch request.unit {
      case .meters: true
      case .relative: false
      case .automatic:
        tags["HEIGHT"] != "relative" && Self.meterNames.contains(heights.bands[0].unit.lowercased())
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
      sign < 0 ? ["The heights are tagged POSITIVE=down; their sign was inverted."] : []
  }

  private static let meterNames: Set<String> = ["m", "metre", "metres", "meter", "meters"]

  private static func requireMeters(_ truth: borrowing Dataset) throws {
    let unit = truth.bands[0].unit
    guard unit.isEmpty || meterNames.contains(unit.lowercased()) else {
      throw SceneError(
        .badData,
        "the reference \(truth.path) is in \(unit), expected meters: convert it with gdal_calc.py")
    }
  }

  /// Returns the filtered brightness of the image on the heights' grid.
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

  /// Returns the water mask on the common grid.
  func water() throws -> (any HeightSurface)? {
    try request.water.map { water in
      let path = scratch.raster("water")
      try Warp.write(
        Dataset(reading: water), onto: common.target.grid, crs: common.target.crs, by: .nearest,
        to: path)
      let surface = try RasterSurface(path)
      guard
        try EvenlySpacedSample(of: [surface], on: common.target.grid).values[0].contains(where: {
          !$0.isNaN
        })
      else {
        throw SceneError(.badData, "the water mask \(water) has no valid pixel within the heights")
      }
      return surface
    }
  }

  /// Returns tile distances on the common grid, in pixels of the heights; nil if the tiling is unknown.
  func tileDistances() throws -> (any HeightSurface)? {
    let dataset = try Dataset(reading: request.heights)
    guard let lines = try TileLines(of: dataset, tiling: request.tiling),
      let path = try TileDistances.write(lines, on: own, in: scratch)
    else { return nil }
    return try RasterSurface(common.place(path, as: "tile-distances", in: scratch))
  }

  /// The high-pass filter of the correlation, and a description of its band.
  var highPass: (filter: HighPass, text: String) {
    get throws {
      let most = 256.0
      guard let ground = common.target.ground else {
        return (
          HighPass(wavelengthInColumns: most, rows: most), "below \(Int(most)) pixels"
        )
      }
      guard request.longestWavelengthInMeters >= 4 * max(ground.x, ground.y) else {
        throw SceneError(
          .usage,
          "the longest wavelength of \(request.longestWavelengthInMeters / 1000) km is too short for \(common.target.text), "
            + "expected at least four pixels")
      }
      let columns = min(request.longestWavelengthInMeters / ground.x, most)
      let rows = min(request.longestWavelengthInMeters / ground.y, most)
      let kilometers = min(columns * ground.x, rows * ground.y) / 1000
      return (
        HighPass(wavelengthInColumns: columns, rows: rows),
        "below \(kilometers.text(decimals: kilometers < 1 ? 3 : 1)) km"
      )
    }
  }

  /// Prepares the paper's metrics, which are computed on the heights' grid, as in the paper.
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
    let sample = try EvenlySpacedSample(
      of: [truth, try RasterSurface(request.heights)], on: own.grid
    )
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
      let both = try EvenlySpacedSample(of: [broad, truth], on: own.grid)
      let fit = RobustRegression(of: both.values[0], to: both.values[1], allowsNegativeScale: true)
      surfaces.append(
        (
          "blurred luminance", .affine,
          try RasterSurface(luminance.broad, Placement(scale: (fit?.scale ?? 1) < 0 ? -1 : 1))
        ))
    }
    return PaperScores(grid: own.grid, truth: truth, surfaces: surfaces, lpips: request.lpips)
  }
}
