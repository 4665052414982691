import Foundation
import Grids
import Rasters
import Scenes

/// Readers of command-line arguments.
extension FuzzedReader {
  /// Parses a text as the value of every option; every parsed value must be valid.
  static func readOptions(_ text: String) {
    if case .range(let low, let high)? = Stretch(text) { precondition(low < high) }
    if case .percentile(let low, let high)? = Stretch(text) {
      precondition(0 <= low && low < high && high <= 100)
    }
    if case .meters(let meters)? = GSDPolicy(text) { precondition(meters > 0 && meters.isFinite) }
    if let window = WindowArgument(argument: text)?.window {
      precondition(window.columns.count == window.width && window.rows.count == window.height)
    }
    if let bounds = BoundsArgument(argument: text)?.bounds { readBounds(bounds) }
    if let bytes = ByteCount(argument: text)?.bytes { precondition(bytes >= 0) }
    _ = NumberList(argument: text)
    _ = ValueList(argument: text)
    _ = KeyValue(argument: text)
  }

  /// Converts bounds to a window of a grid, or to none.
  private static func readBounds(_ bounds: Bounds) {
    guard bounds.minX <= bounds.maxX, bounds.minY <= bounds.maxY else { return }
    let grid = Grid(
      width: 100, height: 100, geoTransform: GeoTransform([500_000, 30, 0, 5_000_000, 0, -30]))
    let window = grid.window(
      coveringX: bounds.minX...bounds.maxX, y: bounds.minY...bounds.maxY)
    precondition(window.map { $0.width >= 0 && $0.height >= 0 } ?? true)
  }
}
