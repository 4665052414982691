public import Rasters
public import Grids

/// An open reference: a DEM that gives the heights of a scene their unit, their level and their broad forms.
///
/// It is an actor because a GDAL dataset must not be used from two threads at the same time.
public actor ReferenceSource {
  private let dataset: Dataset
  /// The path of the reference.
  public nonisolated let path: String
  /// The size of the reference and where it lies.
  public nonisolated let grid: Grid
  /// The CRS of the reference, which may have a vertical part.
  public nonisolated let crs: CRS
  /// The distance between pixel centers in meters.
  public nonisolated let groundSampleDistance: GroundSampleDistance
  /// The vertical datum of the reference, and the unit of that system.
  public nonisolated let heights: HeightSystem
  /// The vertical datum of the output, in meters.
  public nonisolated let output: HeightSystem
  /// The length of the unit of the samples, after scale and offset, in meters.
  public nonisolated let metersPerUnit: Double
  /// Whether the heights are rounded to whole units.
  public nonisolated let isInteger: Bool
  /// What the user should know about the reference.
  public nonisolated let warnings: [String]
  /// The state of all files of the reference when it was opened.
  public nonisolated let inputs: InputFiles

  /// The heights of the Earth in meters, from the deepest sea to the highest summit, with room for other datums.
  private static let possibleHeights = -12_000.0...9_500

  /// Opens a reference.
  ///
  /// - Parameters:
  ///   - path: Any path that GDAL opens; the first band has the heights.
  ///   - vertical: The vertical CRS of the heights, such as `EPSG:5773`; nil for that of the reference's compound CRS.
  ///   - output: The vertical CRS of the output; nil for that of the reference, in meters.
  /// - Throws: `RasterError` if the reference cannot be opened; `SceneError` if it has no georeferencing, no vertical
  ///   datum, a unit that is not a length, or relative heights.
  public init(_ path: String, vertical: String? = nil, output: String? = nil) throws {
    let dataset = try Dataset(reading: path)
    guard dataset.georeferencing.geoTransform != nil, let crs = dataset.georeferencing.crs else {
      throw SceneError(
        .badData,
        "the reference \(path) has no geotransform or no CRS, so its place is unknown: "
          + "set them with gdal_edit.py -a_ullr and -a_srs")
    }
    guard let distance = try dataset.groundSampleDistance() else {
      throw SceneError(
        .badData,
        "the pixel size of the reference \(path) is unknown: set its CRS with gdal_edit.py -a_srs")
    }
    guard !dataset.bands[0].sampleType.isComplex else {
      throw SceneError(
        .badData, "the reference \(path) has complex samples, expected the heights of a DEM")
    }
    guard dataset.metadata()["HEIGHT"] != "relative" else {
      throw SceneError(
        .badData,
        "the reference \(path) has relative heights, expected a DEM in meters: anchor it to one first"
      )
    }
    let declared = try HeightSystem(of: crs)
    let given = try vertical.map { text throws in try HeightSystem(text) }
    guard let heights = given ?? declared else {
      throw SceneError(
        .usage,
        "the vertical datum of the reference \(path) is unknown: name it with --reference-vertical, such as "
          + "EPSG:3855 (EGM2008: Copernicus DEM), EPSG:5773 (EGM96: SRTM, AW3D30, ASTER), EPSG:5703 (NAVD88: 3DEP) "
          + "or EPSG:4979 (heights above the ellipsoid)")
    }
    var warnings: [String] = []
    if let given, let declared, !given.isSame(as: declared) {
      warnings.append("the reference declares \(declared), but \(given) was given and is used")
    }
    let unit = dataset.bands[0].unit
    let size = try unit.isEmpty ? nil : LengthUnit.meters(unit, of: path)
    if let size, abs(size / heights.metersPerUnit - 1) > 1e-9,
      abs(size - 1) > 1e-9 || declared != nil
    {
      warnings.append(
        "the samples of the reference are in \(unit), but \(heights) has the unit \(heights.unit): \(unit) is used"
      )
    }
    if dataset.bands.count > 1 {
      warnings.append("the reference has \(dataset.bands.count) bands; the first one is used")
    }
    if let output = try output.map({ text throws in try HeightSystem(text) }),
      output.metersPerUnit != 1
    {
      warnings.append("\(output) has the unit \(output.unit), but heights are written in meters")
    }
    self.path = path
    self.heights = heights
    isInteger = !dataset.bands[0].sampleType.isFloatingPoint
    self.output =
      try output.map { text throws in try HeightSystem(text).inMeters } ?? heights.inMeters
    self.crs = crs
    grid = dataset.grid
    groundSampleDistance = distance
    metersPerUnit = size ?? heights.metersPerUnit
    self.warnings = warnings
    inputs = dataset.inputFiles
    self.dataset = dataset
  }

  /// Returns the heights of cells in meters of the output's datum, `[row, column]`, NaN where there are none.
  ///
  /// - Parameters:
  ///   - cells: The grid of the cells, with a geotransform.
  ///   - target: The CRS of the cells.
  ///   - size: The side of a cell in meters; nil if each cell is a pixel of the reference.
  /// - Returns: The heights.
  /// - Throws: `RasterError` if the reference cannot be read or its heights not be transformed; `SceneError` if it has
  ///   changed, or has a height that is not one of the Earth.
  func heights(of cells: Grid, in target: CRS, size: Double?) throws -> [Float] {
    try requireUnchanged()
    // The mean of the pixels that a cell covers; a cell as large as a pixel is sampled at its middle.
    let ratio = size.map { $0 / min(groundSampleDistance.x, groundSampleDistance.y) }
    let method: Warp.Resampling = ratio.map { $0 > 1.5 ? .average : .cubic } ?? .nearest
    var values = try Warp.values(dataset, onto: cells, crs: target, by: method)
    let band = dataset.bands[0]
    for cell in values.indices where !values[cell].isNaN {
      let height = (Double(values[cell]) * band.scale + band.offset) * metersPerUnit
      guard Self.possibleHeights.contains(height), abs(height + 9999) > 0.01 else {
        throw SceneError(
          .badData,
          "the reference \(path) has a height of \(height) m, which is not one of the Earth: if it stands for missing data, "
            + "declare it with gdal_edit.py -a_nodata \(values[cell])")
      }
      values[cell] = Float(height)
    }
    let source = try heights.inMeters
    guard !source.isSame(as: output) else { return values }
    guard let transform = cells.geoTransform else { preconditionFailure("cells have a place") }
    let box = transform.bounds(width: cells.width, height: cells.height)
    // Without an area, PROJ chooses among its operations for all of the Earth.
    let bounds = try? CRS("EPSG:4326").bounds(of: box, from: target)
    try HeightTransformation(from: source, to: output, at: target, area: bounds)
      .apply(&values, on: cells)
    return values
  }

  /// Throws if a file of the reference has changed since it was opened.
  private func requireUnchanged() throws {
    guard let change = inputs.firstChange() else { return }
    throw SceneError(
      .io,
      "the reference has changed while it was read: \(change)\nstart over with --overwrite once it no longer changes"
    )
  }
}

/// The length of units of height by their names in rasters.
enum LengthUnit {
  /// Returns the length of a unit in meters.
  ///
  /// - Throws: `SceneError` if the unit is not a known length.
  static func meters(_ unit: String, of path: String) throws -> Double {
    switch unit.lowercased() {
    case "m", "metre", "metres", "meter", "meters": 1
    case "ft", "foot", "feet", "international foot": 0.3048
    case "us survey foot", "us-ft", "ftus", "us_survey_foot", "foot_us", "us survey feet":
      1200.0 / 3937
    case "cm", "centimetre", "centimeter": 0.01
    case "dm", "decimetre", "decimeter": 0.1
    default:
      throw SceneError(
        .badData,
        "the unit of the reference \(path) is “\(unit)”, expected a length such as m, ft or US survey foot: "
          + "set it with gdal_edit.py -unittype m")
    }
  }
}
