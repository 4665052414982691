import Grids
import Rasters
import Scenes
import Surfaces

/// Heights on a grid, read window by window.
protocol HeightSurface: AnyObject {
  /// Returns heights, `[row, column]`, NaN where there is none.
  func heights(in window: Window) throws -> [Float]
}

/// The transformation of a raster before it is compared.
public struct Placement: Hashable, Sendable, Codable {
  /// The factor of the heights.
  public var scale = 1.0
  /// The offset that is added after scaling.
  public var shift = 0.0
  /// How far the heights lie to the right of the reference, in pixels of the common grid; they are moved back by this.
  public var columns = 0.0
  /// How far the heights lie below the reference, in pixels of the common grid; they are moved back by this.
  public var rows = 0.0
}

/// The first band of a raster, with a placement applied.
final class RasterSurface: HeightSurface {
  private let dataset: Dataset
  private let placement: Placement
  /// Scale and offset of the band as stored.
  private let scale: Double
  private let offset: Double

  init(_ path: String, _ placement: Placement = Placement()) throws {
    dataset = try Dataset(reading: path)
    self.placement = placement
    scale = dataset.bands[0].scale
    offset = dataset.bands[0].offset
  }

  func heights(in window: Window) throws -> [Float] {
    var values = try moved(window)
    let (factor, summand) = (
      placement.scale * scale, placement.scale * offset + placement.shift
    )
    guard factor != 1 || summand != 0 else { return values }
    for i in values.indices { values[i] = Float(Double(values[i]) * factor + summand) }
    return values
  }

  /// Samples at the window's pixels; interpolated if the raster is moved.
  private func moved(_ window: Window) throws -> [Float] {
    guard placement.columns != 0 || placement.rows != 0 else {
      return try dataset.heights(in: window)
    }
    let (left, top) = (placement.columns.rounded(.down), placement.rows.rounded(.down))
    let wanted = Window(
      column: window.column + Int(left), row: window.row + Int(top), width: window.width + 1,
      height: window.height + 1)
    let source = wanted.intersection(dataset.grid.window)
    guard !source.isEmpty else { return [Float](repeating: .nan, count: window.pixelCount) }
    let surface = Bilinear(
      values: try dataset.heights(in: source), width: source.width, height: source.height)
    return (0..<window.pixelCount).map { pixel in
      let (row, column) = pixel.quotientAndRemainder(dividingBy: window.width)
      return Float(
        surface.value(
          row: Double(window.row + row - source.row) + placement.rows,
          column: Double(window.column + column - source.column) + placement.columns))
    }
  }
}

/// A plane: level + columns · column + rows · row, at pixel centers counted from (0, 0).
final class PlaneSurface: HeightSurface, Sendable {
  let level: Double
  let columns: Double
  let rows: Double

  init(level: Double, columns: Double = 0, rows: Double = 0) {
    (self.level, self.columns, self.rows) = (level, columns, rows)
  }

  func heights(in window: Window) -> [Float] {
    window.rows.flatMap { row in
      window.columns.map { Float(level + columns * Double($0) + rows * Double(row)) }
    }
  }
}
