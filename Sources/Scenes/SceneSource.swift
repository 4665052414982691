public import Grids
public import Rasters
import Surfaces
import Tensors

/// An open scene: its bands chosen and its validity rule fixed. `CalibratedScene` shows it to a network.
///
/// An actor, as a GDAL dataset may not be used from two threads at once; reading one tile takes far less time
/// than inference on it. Its work has a thread of its own.
public actor SceneSource {
  private nonisolated let thread = ReadingThread()
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }
  let dataset: Dataset
  public nonisolated let path: String
  public nonisolated let subdataset: String?
  public nonisolated let openOptions: [String: String]
  public nonisolated let grid: Grid
  public nonisolated let bands: BandSelection
  public nonisolated let validity: ValidityRule
  public nonisolated let information: Information
  /// What was measured before: several plans of a scene read it once.
  var measurements: [Calibration: Measurement] = [:]
  /// Everything that is read, as it was when the scene was opened.
  public nonisolated let inputs: InputFiles
  /// Until then nobody looks whether that has changed.
  var nextLook = ContinuousClock().now

  struct Calibration: Hashable {
    let stretch: Stretch
    let bands: Radiometry.Bands
  }

  /// What there is to know about the scene without looking at its pixels.
  public struct Information: Sendable {
    public let driver: String
    public let files: [String]
    public let bands: [Band]
    public let georeferencing: Georeferencing
    /// Metres between pixel centres; nil where it cannot be known.
    public let groundSampleDistance: GroundSampleDistance?
    /// Why it cannot be known though the scene says where it lies; nil for no such reason.
    public let groundProblem: String?
    /// How rows and columns lie on the ground; nil where it cannot be known.
    public let orientation: GroundOrientation?
    /// Where the sun stood, by metadata, time and place, or as a guess; nil where nothing tells.
    public let sun: SunAzimuth?
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
      groundProblem = problem
      sun = SunAzimuth(of: dataset, orientation: orientation)
      grid = dataset.grid
    }

    /// Looks at a scene whose bands may not be clear yet.
    public init(
      _ path: String, subdataset: String? = nil, openOptions: [String: String] = [:]
    ) throws {
      try self.init(Dataset(reading: path, subdataset: subdataset, openOptions: openOptions))
    }
  }

  /// Opens a scene from any path that GDAL opens.
  ///
  /// - Throws: `RasterError` if it cannot be opened, `SceneError` if its bands are not clear, or nodata is declared
  ///   for another number of bands.
  public init(
    _ path: String, subdataset: String? = nil, openOptions: [String: String] = [:],
    bands: [Int]? = nil, validity: ValidityRule = ValidityRule()
  ) throws {
    Self.boundCache()
    let dataset = try Dataset(reading: path, subdataset: subdataset, openOptions: openOptions)
    information = try Information(dataset)
    self.bands = try BandSelection(from: dataset.bands, asked: bands)
    let selected = self.bands.numbers.count
    if let declared = validity.declared, ![1, selected].contains(declared.count) {
      throw SceneError(
        .usage,
        "\(declared.count) values of nodata for \(selected) selected bands, expected one or \(selected)"
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

  /// GDAL's own choice is a twentieth of the machine's memory; a row of tiles needs far less.
  package static func boundCache() {
    guard GDAL.configuration("GDAL_CACHEMAX") == nil else { return }  // the user has chosen
    GDAL.setCacheLimit(bytes: 128 << 20)
  }

  /// At most this many pixels of the scene are held to make one piece of a resampled tile.
  static let pieceOfPixels = 1 << 22

  /// Sample values of a window inside a lattice over the turned scene as [row, column, band], NaN where there is none.
  ///
  /// Around damage, what of the file cannot be read is invalid.
  func values(
    _ window: Window, on lattice: Grid, turned turn: Turn, aroundDamage: Bool
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

  /// The same on the scene's own pixels, turned.
  private func values(_ window: Window, _ turn: Turn, _ aroundDamage: Bool) throws -> [Float] {
    let window = turn.source(of: window, in: grid)
    let values =
      aroundDamage ? try pixelsAroundDamage(window).pixels.values : try pixels(window).values
    return turn.turned(values, of: window, channels: bands.numbers.count)
  }
}
