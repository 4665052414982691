import Foundation
import Fusion
import Grids
import Rasters
import Scenes
import TestModels
import TestSupport

/// A land of known heights, a scene that shows its slopes, and a reference of its means over cells.
struct AnchoredLand {
  let folder: TemporaryFolder
  let factor: Int
  let spline: CellSpline
  /// The heights, `[row, column]` of the scene's pixels.
  let heights: [Float]
  var scene: String { folder("scene.tif") }
  var reference: String { folder("reference.tif") }

  /// The place of the scene: UTM, 30 m.
  static let place = GeoTransform([500_000, 30, 0, 5_000_000, 0, -30])
  static let utm = "EPSG:32633"
  static let egm96 = "EPSG:5773"

  /// Creates the land, the scene and the reference.
  ///
  /// - Parameters:
  ///   - cells: The grid of the reference's pixels, which cover the scene.
  ///   - factor: The scene's pixels along each side of them.
  ///   - showsSlopes: Whether slopes towards the south-east are bright; otherwise the scene shows noise.
  /// - Throws: An error if a file cannot be written.
  init(cells: Grid = Grid(width: 60, height: 50), factor: Int = 4, showsSlopes: Bool = true) throws
  {
    folder = try TemporaryFolder()
    self.factor = factor
    spline = CellSpline(cells: cells, factor: factor)
    heights = WavyLand().heights(on: spline.grid).map { 1500 + 3 * $0 }
    try write(light: showsSlopes ? light(heights) : noise(heights.count).map { $0 / 16384 })
    try write(reference: spline.means(heights), to: reference)
  }

  /// The slope towards the south-east.
  private func light(_ heights: [Float]) -> [Float] {
    let grid = spline.grid
    return heights.indices.map { pixel in
      let (row, column) = pixel.quotientAndRemainder(dividingBy: grid.width)
      let below = heights[min(row + 1, grid.height - 1) * grid.width + column]
      let right = heights[row * grid.width + min(column + 1, grid.width - 1)]
      return (2 * heights[pixel] - below - right) / 100
    }
  }

  private func write(light: [Float]) throws {
    let bands = [4000, 3000, 2000].map { level in light.map { Float(level) * exp($0) } }
    try makeRaster(
      at: scene, width: spline.width, height: spline.height, bands: bands, type: "UInt16"
    ) { dataset in
      try dataset.setGeoreferencing(
        Georeferencing(geoTransform: Self.place, crs: try CRS(Self.utm)))
      let colors: [ColorInterpretation] = [.red, .green, .blue]
      for (band, color) in colors.enumerated() {
        try dataset.setColorInterpretation(color, band: band + 1)
      }
    }
  }

  /// Writes heights of the cells, in any unit, as a reference.
  func write(
    reference values: [Float], to path: String, crs: String = Self.utm,
    _ configure: (inout Dataset) throws -> Void = { _ in }
  ) throws {
    let cells = spline.cells
    try makeRaster(at: path, width: cells.width, height: cells.height, bands: [values]) {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: Self.place.scaled(columns: Double(factor), rows: Double(factor)),
          crs: try CRS(crs)))
      try $0.setNoData(-9999, band: 1)
      try configure(&$0)
    }
  }

  /// Makes the plan of a run with a reference.
  func plan(
    _ source: ReferenceSource, change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> (ScenePlan, SceneOptions) {
    var options = SceneOptions()
    (options.tileSize, options.overlap, options.memory) = (64, 16, 1 << 30)
    options.sunAzimuth = 135
    change(&options)
    let plan = try await ScenePlan.make(
      for: SceneSource(scene), model: BrightnessModel(), options: options, reference: source)
    return (plan, options)
  }

  /// Runs with a reference, and returns the report.
  func infer(
    to name: String = "relief.tif", reference path: String? = nil, vertical: String? = Self.egm96,
    output datum: String? = nil, layers: Set<ConfidenceRaster> = [],
    change: (inout SceneOptions) -> Void = { _ in }
  ) async throws -> SceneReport {
    let source = try ReferenceSource(path ?? reference, vertical: vertical, output: datum)
    let (plan, options) = try await plan(source, change: change)
    var output = OutputOptions(folder(name))
    output.confidence = layers
    let run = try SceneRun(
      plan, scene: SceneSource(scene), reference: source, model: BrightnessModel(),
      options: options, output: output)
    return try await run()
  }

  /// The heights in meters of a run.
  func dem(_ name: String = "relief_dem.tif") throws -> [Float] { try pixels(folder(name)) }

  /// The root of the mean square of the differences from the land.
  func error(of values: [Float]) -> Double {
    let sum = zip(values, heights).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) }
    return (sum / Double(heights.count)).squareRoot()
  }
}
