public import Grids
import Surfaces
public import Tensors

/// A scene as a plan's network receives it: calibrated to 0…255 and turned to the expected sun direction.
///
/// The plan's radiometry calibrates the pixels. Lattices and windows refer to the turned scene.
///
/// This is a value type: any number of plans can read one scene, each with its own stretch.
public struct CalibratedScene: TileSource {
  /// The scene that is read.
  public let scene: SceneSource
  /// The mapping from samples to 0…255.
  public let radiometry: Radiometry
  /// The turn applied to the scene.
  public let turn: SquareSymmetry
  /// Whether damaged blocks are treated as nodata instead of as an error.
  ///
  /// This is true for the overview, which calibrates the tiles and is not itself a result. If an overview tile failed
  /// because of one damaged block, all working tiles in its area would be lost as well.
  let treatsDamageAsNoData: Bool

  /// Creates the input of a scene with the given radiometry and turn.
  public init(_ scene: SceneSource, _ radiometry: Radiometry, turn: SquareSymmetry = .identity) {
    self.init(scene, radiometry, turn: turn, treatsDamageAsNoData: false)
  }

  init(
    _ scene: SceneSource, _ radiometry: Radiometry, turn: SquareSymmetry, treatsDamageAsNoData: Bool
  ) {
    self.scene = scene
    self.radiometry = radiometry
    self.turn = turn
    self.treatsDamageAsNoData = treatsDamageAsNoData
  }

  /// Reads a window of the turned scene, mirrored beyond its edges, and calibrates it.
  ///
  /// - Parameters:
  ///   - window: The pixels to read, in `lattice`.
  ///   - lattice: The grid over the turned scene.
  /// - Returns: The image `[1, row, column, 3]`, 0…255, and the validity of each pixel.
  /// - Throws: `RasterError` if the scene cannot be read.
  public func tile(_ window: Window, on lattice: Grid) async throws -> SourceTile {
    let columns = window.columns.map { mirrored($0, within: lattice.width) }
    let rows = window.rows.map { mirrored($0, within: lattice.height) }
    let hull = Window(
      column: columns.min()!, row: rows.min()!,
      width: columns.max()! - columns.min()! + 1, height: rows.max()! - rows.min()! + 1)
    let samples = try await scene.values(
      hull, on: lattice, turned: turn, aroundDamage: treatsDamageAsNoData)
    let bandCount = scene.bands.numbers.count

    var image = [Float](repeating: 0, count: window.pixelCount * 3)
    var isValid = [Bool](repeating: false, count: window.pixelCount)
    for row in 0..<window.height {
      let isRowInside = (0..<lattice.height).contains(window.row + row)
      for column in 0..<window.width {
        let source = (rows[row] - hull.row) * hull.width + columns[column] - hull.column
        let target = row * window.width + column
        var hasValue = false
        for channel in 0..<3 {
          let band = bandCount == 1 ? 0 : channel
          let sample = samples[source * bandCount + band]
          image[target * 3 + channel] =
            sample.isNaN ? radiometry.fill[band] : radiometry.calibrated(sample, band: band)
          hasValue = hasValue || !sample.isNaN
        }
        isValid[target] =
          hasValue && isRowInside && (0..<lattice.width).contains(window.column + column)
      }
    }
    return SourceTile(
      image: Tensor([1, window.height, window.width, 3], image), isValid: isValid)
  }
}
