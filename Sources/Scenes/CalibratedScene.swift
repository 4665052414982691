public import Grids
import Surfaces
public import Tensors

/// A scene as the network of a plan sees it: its pixels calibrated to 0…255 by that plan's radiometry, and turned so that
/// the sun stands where the network expects it.
///
/// Lattices and windows are those of the turned scene.
///
/// A value: any number of plans may look at one scene, each by a stretch of its own.
public struct CalibratedScene: TileSource {
  public let scene: SceneSource
  public let radiometry: Radiometry
  public let turn: Turn
  /// Whether damaged blocks are places without data, and no error.
  ///
  /// The overview is read so: it calibrates the tiles and is no result. If its tiles failed for one damaged block, all
  /// tiles on their ground would be lost with them.
  let readsAroundDamage: Bool

  public init(_ scene: SceneSource, _ radiometry: Radiometry, turn: Turn = .identity) {
    self.init(scene, radiometry, turn: turn, readsAroundDamage: false)
  }

  init(_ scene: SceneSource, _ radiometry: Radiometry, turn: Turn, readsAroundDamage: Bool) {
    self.scene = scene
    self.radiometry = radiometry
    self.turn = turn
    self.readsAroundDamage = readsAroundDamage
  }

  /// - Throws: `RasterError` where the scene cannot be read.
  public func tile(_ window: Window, on lattice: Grid) async throws -> SourceTile {
    let columns = window.columns.map { mirrored($0, within: lattice.width) }
    let rows = window.rows.map { mirrored($0, within: lattice.height) }
    let hull = Window(
      column: columns.min()!, row: rows.min()!,
      width: columns.max()! - columns.min()! + 1, height: rows.max()! - rows.min()! + 1)
    let samples = try await scene.values(
      hull, on: lattice, turned: turn, aroundDamage: readsAroundDamage)
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
