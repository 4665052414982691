public import Grids
public import Rasters
import Surfaces
import Tensors

/// An open scene with its selected bands and its validity rule.
///
/// `CalibratedScene` provides the scene to a network.
///
/// This is an actor because a GDAL dataset must not be used from two threads at the same time. Reading a tile takes
/// much less time than running inference on it. The actor has its own thread.
public actor SceneSource {
  private nonisolated let thread = ReadingExecutor()
  /// The executor, which runs on the actor's own thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }
  let dataset: Dataset
  /// The path of the scene.
  public nonisolated let path: String
  /// The name or number of the opened subdataset, if any.
  public nonisolated let subdataset: String?
  /// The GDAL open options.
  public nonisolated let openOptions: [String: String]
  /// The scene's grid.
  public nonisolated let grid: Grid
  /// The bands used as red, green and blue.
  public nonisolated let bands: BandSelection
  /// The rule that decides which pixels are valid.
  public nonisolated let validity: ValidityRule
  /// The metadata of the scene.
  public nonisolated let information: Information
  /// Earlier measurements, so that several plans for a scene read it once.
  var measurements: [Calibration: Measurement] = [:]
  /// The overview that was made while the scene was measured, until the first tile is read.
  var overview: OverviewImage?
  /// The state of all files of the scene when it was opened.
  public nonisolated let inputs: InputFiles
  /// The earliest time of the next check for changes.
  var nextChangeCheck = ContinuousClock().now

  struct Calibration: Hashable {
    let stretch: Stretch
    let bands: Radiometry.Bands
  }

  /// Information about a scene that is available without reading its pixels.
  public struct Information: Sendable {
    /// The name of the GDAL driver.
    public let driver: String
    /// The files of the scene.
    public let files: [String]
    /// All bands of the scene.
    public let bands: [Band]
    /// The georeferencing of the scene.
    public let georeferencing: Georeferencing
    /// The distance between pixel centers in meters; nil if unknown.
    public let groundSampleDistance: GroundSampleDistance?
    /// The reason why the ground sample distance of a georeferenced scene is unknown; nil if there is none.
    public let pixelSizeProblem: String?
    /// The directions of rows and columns on the ground; nil if unknown.
    public let orientation: GroundOrientation?
    /// The sun azimuth: from metadata, computed from time and location, or guessed; nil if unknown.
    public let sun: SunAzimuth?
    /// The scene's grid.
    public let grid: Grid

    init(_ dataset: borrowing Dataset) throws {
      driver = dataset.driver
      files = dataset.files
      bands = dataset.bands
      georeferencing = dataset.georeferencing
      var ground: (distance: GroundSampleDistance?, GroundOrientation?) = (nil, nil)
      var problem: String?
      do {
        ground = (try dataset.groundSampleDistance(), try dataset.orientation())
      } catch {
        guard error.kind == .badData else { throw error }
        problem = "\(error)"
      }
      (groundSampleDistance, orientation) = ground
      pixelSizeProblem = problem
      sun = SunAzimuth(of: dataset, orientation: orientation)
      grid = dataset.grid
    }

    /// Reads the information about a scene, whose bands may still be ambiguous.
    ///
    /// - Throws: `RasterError` if the scene cannot be opened.
    public init(
      _ path: String, subdataset: String? = nil, openOptions: [String: String] = [:]
    ) throws {
      try self.init(Dataset(reading: path, subdataset: subdataset, openOptions: openOptions))
    }
  }

  /// Opens a scene from any path that GDAL opens.
  ///
  /// - Parameters:
  ///   - path: The path.
  ///   - subdataset: The name or number of a subdataset, if any.
  ///   - openOptions: GDAL open options.
  ///   - bands: The band numbers of red, green and blue, or of a single band; nil to find them.
  ///   - validity: The rule that decides which pixels are valid.
  /// - Throws: `RasterError` if the scene cannot be opened; `SceneError` if its bands are ambiguous, or if nodata
  ///   values are declared for a different number of bands.
  public init(
    _ path: String, subdataset: String? = nil, openOptions: [String: String] = [:],
    bands: [Int]? = nil, validity: ValidityRule = ValidityRule()
  ) throws {
    let dataset = try Dataset(reading: path, subdataset: subdataset, openOptions: openOptions)
    information = try Information(dataset)
    self.bands = try BandSelection(from: dataset.bands, asked: bands)
    let selected = self.bands.numbers.count
    if let declared = validity.declared, ![1, selected].contains(declared.count) {
      throw SceneError(
        .usage,
        "\(declared.count) nodata values were given for \(selected) selected bands, expected one or \(selected): "
          + "use --src-nodata with one value for all bands, or one for each"
      )
    }
    inputs = dataset.inputFiles
    self.path = path
    self.subdataset = subdataset
    self.openOptions = openOptions
    self.validity = validity
    grid = dataset.grid
    self.dataset = dataset
  }

  /// The maximum number of scene pixels held in memory to make one piece of a resampled tile.
  static let pieceOfPixels = 1 << 20

  /// Returns the sample values of a window of a lattice over the turned scene as `[row, column, band]`, NaN where there
  /// is none.
  ///
  /// With `aroundDamage`, unreadable pixels are invalid; otherwise they cause an error.
  func values(
    _ window: Window, on lattice: Grid, turned turn: SquareSymmetry, aroundDamage: Bool
  ) throws -> [Float] {
    if !aroundDamage {
      overview = nil
    } else if let overview, overview.place == OverviewImage.Place(lattice: lattice, turn: turn) {
      return try overview.values(in: window)
    }
    return try resampled(window, on: lattice, turned: turn, aroundDamage: aroundDamage)
  }

  /// Returns the same, always read from the scene.
  func resampled(
    _ window: Window, on lattice: Grid, turned turn: SquareSymmetry, aroundDamage: Bool
  ) throws -> [Float] {
    let resampling = Resampling(from: turn.size(of: grid), to: lattice)
    if resampling.isIdentity { return try unlessChanged { try values(window, turn, aroundDamage) } }
    let footprint = resampling.sourceWindow(for: window)
    let rowsAtOnce = max(1, window.height * Self.pieceOfPixels / max(footprint.pixelCount, 1))
    var result: [Float] = []
    result.reserveCapacity(window.pixelCount * bands.numbers.count)
    for row in stride(from: window.row, to: window.rows.upperBound, by: rowsAtOnce) {
      let piece = Window(
        column: window.column, row: row, width: window.width,
        height: min(rowsAtOnce, window.rows.upperBound - row))
      let source = try unlessChanged {
        try values(resampling.sourceWindow(for: piece), turn, aroundDamage)
      }
      result += resampling.apply(source, to: piece, channels: bands.numbers.count)
    }
    return result
  }

  /// Returns the same for a window of the scene's own pixels, turned.
  private func values(_ window: Window, _ turn: SquareSymmetry, _ aroundDamage: Bool) throws
    -> [Float]
  {
    let window = turn.source(of: window, in: grid)
    let values =
      aroundDamage ? try pixelsAroundDamage(window).pixels.values : try pixels(window).values
    return turn.turned(values, of: window, channels: bands.numbers.count)
  }
}
