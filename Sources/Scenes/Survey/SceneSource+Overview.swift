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

  /// The maximum size in bytes; the scene is read again for a larger overview.
  static let maximumBytes = 128 << 20

  let place: Place
  /// `[row, column, band]`, NaN where there is no sample.
  private(set) var values: [Float]
  /// The number of finished lines of the lattice, counted along the scene's rows.
  private var lines = 0
  private let bands: Int

  /// Creates an empty image; nil if it would be too large.
  init?(at place: Place, bands: Int) {
    guard Self.bytes(of: place.lattice, bands: bands) <= Self.maximumBytes else { return nil }
    (self.place, self.bands) = (place, bands)
    values = Array(repeating: .nan, count: place.lattice.pixelCount * bands)
  }

  /// The size of an image in bytes.
  static func bytes(of lattice: Grid, bands: Int) -> Int { lattice.pixelCount * bands * 4 }

  /// The window of the lattice that can be computed once all rows of the scene above `row` have been read, and that has
  /// not been computed before; nil if there is none.
  mutating func nextWindow(above row: Int, of scene: Grid) -> Window? {
    let size = place.turn.inverse.size(of: place.lattice)
    let resampling = Resampling(from: scene, to: size)
    var end = lines
    while end < size.height,
      resampling.sourceWindow(for: Window(column: 0, row: end, width: 1, height: 1)).rows.upperBound
        <= row
    {
      end += 1
    }
    guard end > lines else { return nil }
    let window = Window(column: 0, row: lines, width: size.width, height: end - lines)
    lines = end
    return place.turn.target(of: window, in: size)
  }

  /// Sets the values of a window.
  mutating func set(_ window: Window, _ part: [Float]) {
    let count = window.width * bands
    for row in window.rows {
      let target = (row * place.lattice.width + window.column) * bands
      let source = (row - window.row) * count
      values.replaceSubrange(target..<target + count, with: part[source..<source + count])
    }
  }

  /// The values of a window.
  func values(in window: Window) -> [Float] {
    window.rows.flatMap { row in
      let start = (row * place.lattice.width + window.column) * bands
      return values[start..<start + window.width * bands]
    }
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
  func extendOverview(above row: Int) throws {
    guard let window = overview?.nextWindow(above: row, of: grid), let place = overview?.place
    else { return }
    let values = try resampled(
      window, on: place.lattice, turned: place.turn, aroundDamage: true)
    overview?.set(window, values)
  }
}
