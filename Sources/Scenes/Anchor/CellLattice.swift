public import Grids
import Rasters

/// The cells on which a reference is used: squares of whole pixels of a scene that cover its area.
public struct CellLattice: Hashable, Sendable, Codable {
  /// The number of pixels along each side of a cell.
  public let factor: Int
  /// The first column and row of pixels of the first cell, which may be outside of the scene.
  public let column, row: Int
  /// The grid of the cells; it has no geotransform.
  public let cells: Grid
  /// Whether each cell is a pixel of the reference.
  public let isAligned: Bool

  /// Lays cells over an area of a scene.
  ///
  /// Where both have the same CRS and the reference's pixels consist of whole pixels of the scene, they are the cells.
  /// Otherwise cells begin at the area's corner and have nearly the size of the reference's pixels on the ground.
  init(
    over area: Window, of scene: Grid, _ crs: CRS, _ distance: GroundSampleDistance,
    reference: ReferenceSource
  ) throws {
    let aligned = try Self.alignment(of: scene, crs, reference)
    let ratio =
      max(reference.groundSampleDistance.x, reference.groundSampleDistance.y) / distance.mean
    let factor = aligned?.factor ?? max(1, Int(min(ratio, 1e6).rounded()))
    /// The last start of a cell at or before a place.
    func start(_ place: Int, _ phase: Int) -> Int {
      let rest = (place - phase) % factor
      return place - (rest < 0 ? rest + factor : rest)
    }
    (self.factor, isAligned) = (factor, aligned != nil)
    column = aligned.map { start(area.column, $0.column) } ?? area.column
    row = aligned.map { start(area.row, $0.row) } ?? area.row
    cells = Grid(
      width: (area.columns.upperBound - column + factor - 1) / factor,
      height: (area.rows.upperBound - row + factor - 1) / factor)
  }

  /// The number of pixels along the side of the reference's pixels and the first column and row of one of them, if
  /// they consist of whole pixels of the scene.
  private static func alignment(
    of scene: Grid, _ crs: CRS, _ reference: ReferenceSource
  ) throws -> (factor: Int, column: Int, row: Int)? {
    guard let own = scene.geoTransform, let other = reference.grid.geoTransform,
      try crs.isSame(horizontallyAs: reference.crs),
      let origin = own.pixel(x: other.originX, y: other.originY)
    else { return nil }
    let right = own.pixel(
      x: other.originX + other.columnX, y: other.originY + other.columnY)
    let below = own.pixel(x: other.originX + other.rowX, y: other.originY + other.rowY)
    guard let right, let below else { return nil }
    let factor = (right.column - origin.column).rounded()
    // A thousandth of a pixel over the whole reference.
    let tolerance = 1e-3 / Double(max(reference.grid.width, reference.grid.height))
    func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool { abs(a - b) < tolerance }
    guard factor >= 1, factor < 1e6,
      isClose(right.column - origin.column, factor, tolerance),
      isClose(right.row, origin.row, tolerance),
      isClose(below.row - origin.row, factor, tolerance),
      isClose(below.column, origin.column, tolerance), abs(origin.column) < 1e9,
      abs(origin.row) < 1e9,
      isClose(origin.column, origin.column.rounded(), 1e-3),
      isClose(origin.row, origin.row.rounded(), 1e-3)
    else { return nil }
    return (Int(factor), Int(origin.column.rounded()), Int(origin.row.rounded()))
  }

  /// The number of pixels along each side of a cell where what is finer does not matter: at least three, if a cell has
  /// as many.
  var pixelsPerSurveyedCell: Int {
    (3...max(3, factor)).first { factor % $0 == 0 } ?? factor
  }

  /// Returns the pixels of the scene under cells.
  func pixels(of cells: Window) -> Window {
    Window(
      column: column + cells.column * factor, row: row + cells.row * factor,
      width: cells.width * factor, height: cells.height * factor)
  }

  /// Returns the grid of a window of cells on the map.
  func grid(of cells: Window, on scene: Grid) -> Grid {
    let pixels = pixels(of: cells)
    return Grid(
      width: cells.width, height: cells.height,
      geoTransform: scene.geoTransform?.shifted(to: pixels).scaled(
        columns: Double(factor), rows: Double(factor)))
  }

  /// Returns cells and those around them, inside of the lattice.
  func around(_ cells: Window, by count: Int) -> Window {
    cells.padded(columns: count, rows: count).intersection(self.cells.window)
  }

  /// Whether the numbers are possible.
  var isValid: Bool {
    (1...1 << 20).contains(factor) && abs(column) < 1 << 32 && abs(row) < 1 << 32
      && cells.width < 1 << 32 && cells.height < 1 << 32
  }
}
