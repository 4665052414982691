import Files
import Grids
import Rasters
import Surfaces
import Tensors

/// The scene's samples on the lattice of an overview, made while the scene is measured.
///
/// Its pixels are those that reading the scene again would give, bit for bit.
struct OverviewImage: Sendable {
  /// Where the overview's pixels are.
  struct Place: Hashable, Sendable {
    /// The lattice over the turned scene.
    let lattice: Grid
    /// The turn of the scene.
    let turn: SquareSymmetry
  }

  let place: Place
  /// `[row, column, band]`, as `coded`.
  private let values: SpoolFile
  /// The number of finished lines of the lattice, counted along the scene's rows.
  private var lines = 0
  private let bands: Int

  /// Creates an empty image in a temporary file in `folder`.
  init(at place: Place, bands: Int, in folder: String) throws(FileError) {
    (self.place, self.bands) = (place, bands)
    values = try SpoolFile(in: folder)
  }

  /// The maximum number of pixels that are computed at once.
  private static let pieceOfPixels = 1 << 18

  /// The next window of the lattice that depends only on the rows of the scene above `row`; nil if there is none.
  ///
  /// Parts without valid pixels are left out.
  mutating func nextWindow(above row: Int, of scene: Grid, _ validity: ValidityMap) -> Window? {
    let size = place.turn.inverse.size(of: place.lattice)
    let resampling = Resampling(from: scene, to: size)
    while let whole = nextLines(above: row, of: size, resampling) {
      let hull = validity.hull(in: resampling.sourceWindow(for: whole))
      guard !hull.isEmpty else { continue }
      // With a margin, because interpolation reads beyond the pixel itself.
      let scale = resampling.columnScale
      let margin = Int((1 / scale).rounded(.up)) + 1
      let first = max(0, Int(Double(hull.column) / scale) - margin)
      let last = min(
        size.width, Int((Double(hull.columns.upperBound) / scale).rounded(.up)) + margin)
      let part = Window(column: first, row: whole.row, width: last - first, height: whole.height)
      return place.turn.target(of: part, in: size)
    }
    return nil
  }

  /// The next lines that depend only on the rows of the scene above `row`.
  private mutating func nextLines(
    above row: Int, of size: Grid, _ resampling: Resampling
  ) -> Window? {
    let first = lines
    let limit = min(size.height, first + max(1, Self.pieceOfPixels / size.width))
    while lines < limit,
      resampling.sourceWindow(for: Window(column: 0, row: lines, width: 1, height: 1))
        .rows.upperBound <= row
    {
      lines += 1
    }
    return lines > first
      ? Window(column: 0, row: first, width: size.width, height: lines - first) : nil
  }

  /// Sets the values of a window.
  func set(_ window: Window, _ part: [Float]) throws(FileError) {
    let count = window.width * bands
    for row in window.rows {
      let start = (row - window.row) * count
      let encoded = part[start..<start + count].map(Self.coded)
      try values.write(encoded[...], at: position(row, window.column))
    }
  }

  /// The values of a window.
  func values(in window: Window) throws(FileError) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(window.pixelCount * bands)
    for row in window.rows {
      let coded = try values.read(window.width * bands, at: position(row, window.column))
      result += coded.lazy.map(Self.coded)
    }
    return result
  }

  /// Maps a missing value to 0, as what is never written, and back; other values keep their information.
  private static func coded(_ value: Float) -> Float {
    Float(bitPattern: value.bitPattern ^ Float.nan.bitPattern)
  }

  private func position(_ row: Int, _ column: Int) -> Int {
    (row * place.lattice.width + column) * bands
  }
}

extension SceneSource {
  /// Returns the number of the smallest overview of the scene's file that is at least as large as `lattice`.
  ///
  /// - Throws: `SceneError` if there is none.
  nonisolated func fileOverview(atLeast lattice: Grid) throws -> Int {
    let sizes = information.bands[bands.numbers[0] - 1].overviews
    let found = sizes.indices
      .filter { sizes[$0].width >= lattice.width && sizes[$0].height >= lattice.height }
      .min { sizes[$0].pixelCount < sizes[$1].pixelCount }
    guard let found else {
      let list = sizes.map { "\($0.width) × \($0.height)" }.joined(separator: ", ")
      throw SceneError(
        .usage,
        """
        \(path) has \(sizes.isEmpty ? "no overviews" : "overviews of \(list) pixels"), expected one of at least \
        \(lattice.width) × \(lattice.height)
        make some with gdaladdo -r average, or read all pixels without --file-overviews
        """)
    }
    return found
  }

  /// Opens an overview of the scene's file, with the same bands and the same validity rule.
  ///
  /// - Throws: `RasterError` if it cannot be opened.
  nonisolated func openFileOverview(_ number: Int) throws -> SceneSource {
    try SceneSource(
      path, subdataset: subdataset,
      openOptions: openOptions.merging(["OVERVIEW_LEVEL": "\(number)"]) { $1 },
      bands: bands.numbers, validity: validity)
  }

  /// Extends the overview by what depends only on the rows of the scene above `row`.
  ///
  /// Their blocks have just been decoded, and are still in GDAL's cache unless a row of blocks exceeds it.
  func extendOverview(above row: Int, _ validity: ValidityMap) throws {
    guard let place = overview?.place else { return }
    while let window = overview?.nextWindow(above: row, of: grid, validity) {
      let values = try resampled(
        window, on: place.lattice, turned: place.turn, aroundDamage: true)
      // Without room for it, the scene is read again.
      do { try overview?.set(window, values) } catch { overview = nil }
    }
  }
}
