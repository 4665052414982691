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
  private var measurements: [Calibration: Measurement] = [:]

  private struct Calibration: Hashable {
    let stretch: Stretch
    let bands: Radiometry.Bands
  }

  /// What measuring a scene found.
  public struct Measurement: Sendable {
    public let radiometry: Radiometry
    /// What could not be read, in words; nil where all was read.
    public let damage: String?
  }

  /// What there is to know about the scene without looking at its pixels.
  public struct Information: Sendable {
    public let driver: String
    public let files: [String]
    public let bands: [Band]
    public let georeferencing: Georeferencing
    /// Metres between pixel centres; nil where it cannot be known.
    public let groundSampleDistance: GroundSampleDistance?
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
      groundSampleDistance = try dataset.groundSampleDistance()
      orientation = try dataset.orientation()
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
  /// - Throws: `RasterError` if it cannot be opened, `SceneError` if its bands are not clear.
  public init(
    _ path: String, subdataset: String? = nil, openOptions: [String: String] = [:],
    bands: [Int]? = nil, validity: ValidityRule = ValidityRule()
  ) throws {
    Self.boundCache()
    let dataset = try Dataset(reading: path, subdataset: subdataset, openOptions: openOptions)
    information = try Information(dataset)
    self.bands = try BandSelection(from: dataset.bands, asked: bands)
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

  /// The most pixels on which the radiometry is measured; a percentile of two million is known well enough.
  private static let measuredPixels = 1 << 21

  /// Measures the radiometry of the whole scene.
  ///
  /// Of every k-th row every k-th pixel is taken, with the k that leaves at most two million. The file is read
  /// block by block, so that each is decoded once, however small GDAL's cache. Damaged blocks are left out, and
  /// reported as `damage`.
  ///
  /// Measuring the same again is free.
  ///
  /// - Throws: `RasterError` if reading fails, or all of the scene is damaged; `SceneError` as `Radiometry`.
  public func measure(_ stretch: Stretch, bands kind: Radiometry.Bands) throws -> Measurement {
    let calibration = Calibration(stretch: stretch, bands: kind)
    if let known = measurements[calibration] { return known }
    var step = 1
    let count = { (extent: Int, step: Int) in (extent + step - 1) / step }
    while count(grid.width, step) * count(grid.height, step) > Self.measuredPixels { step += 1 }
    let block = information.bands[bands.numbers[0] - 1]
    var samples = [[Float]](repeating: [], count: bands.numbers.count)
    var damaged: [Window] = []
    var parts = 0
    for rows in Self.lattice(grid.height, step: step, block: block.blockHeight) {
      for columns in Self.lattice(grid.width, step: step, block: block.blockWidth) {
        try Task.checkCancellation()
        let window = Window(
          column: columns.first, row: rows.first, width: columns.last - columns.first + 1,
          height: rows.last - rows.first + 1)
        parts += 1
        guard let pixels = try undamagedPixels(window) else {
          damaged.append(window)
          continue
        }
        for row in stride(from: 0, to: window.height, by: step) {
          for column in stride(from: 0, to: window.width, by: step) {
            let pixel = row * window.width + column
            guard pixels.isValid[pixel] else { continue }
            for band in samples.indices {
              samples[band].append(pixels.values[pixel * samples.count + band])
            }
          }
        }
      }
    }
    if damaged.count == parts { _ = try pixels(damaged[0]) }  // throws what is wrong with it
    let measurement = Measurement(
      radiometry: try Radiometry(
        stretch, bands: kind, samples: samples, step: step, numbers: bands.numbers),
      damage: damaged.first.map {
        "\(damaged.count) of \(parts) parts of the scene are damaged and cannot be read, "
          + "the first at \($0)"
      })
    measurements[calibration] = measurement
    return measurement
  }

  /// The multiples of `step` below `extent`, as the first and last of those within each block of the file.
  ///
  /// Blocks smaller than the step are taken together; of huge ones, parts of 1024 pixels.
  private static func lattice(_ extent: Int, step: Int, block: Int) -> [(first: Int, last: Int)] {
    let size = min(max(block, step), max(1024, step))
    return stride(from: 0, to: extent, by: size).compactMap { start in
      let first = (start + step - 1) / step * step
      let last = (min(start + size, extent) - 1) / step * step
      return first <= last ? (first, last) : nil
    }
  }

  /// At most this many pixels of the scene are held to make one piece of a resampled tile.
  static let pieceOfPixels = 1 << 22

  /// Sample values of a window inside a lattice over the turned scene as [row, column, band], NaN in all bands where
  /// invalid.
  ///
  /// Around damage, what of the file cannot be read is invalid.
  func values(
    _ window: Window, on lattice: Grid, turned turn: Turn, aroundDamage: Bool
  ) throws -> [Float] {
    let resampling = Resampling(from: turn.size(of: grid), to: lattice)
    if resampling.isIdentity { return try values(window, turn, aroundDamage) }
    let footprint = resampling.sourceWindow(for: window)
    let rowsAtOnce = max(1, window.height * Self.pieceOfPixels / max(footprint.pixelCount, 1))
    var result: [Float] = []
    result.reserveCapacity(window.pixelCount * bands.numbers.count)
    for row in stride(from: window.row, to: window.rows.upperBound, by: rowsAtOnce) {
      let piece = Window(
        column: window.column, row: row, width: window.width,
        height: min(rowsAtOnce, window.rows.upperBound - row))
      result += resampling.apply(
        try values(resampling.sourceWindow(for: piece), turn, aroundDamage), to: piece,
        channels: bands.numbers.count)
    }
    return result
  }

  /// The same on the scene's own pixels, turned.
  private func values(_ window: Window, _ turn: Turn, _ aroundDamage: Bool) throws -> [Float] {
    let window = turn.source(of: window, in: grid)
    var pixels = aroundDamage ? try pixelsAroundDamage(window).pixels : try pixels(window)
    let bandCount = bands.numbers.count
    for pixel in pixels.isValid.indices where !pixels.isValid[pixel] {
      for band in 0..<bandCount { pixels.values[pixel * bandCount + band] = .nan }
    }
    return turn.turned(pixels.values, of: window, channels: bandCount)
  }
}
