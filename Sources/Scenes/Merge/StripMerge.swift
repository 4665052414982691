import Grids
import Rasters
import Surfaces
import Tensors

/// Blends finished tiles into a strip of the output.
struct StripMerge: Sendable {
  private let context: RunContext
  private let layers: [ConfidenceRaster]
  private let heights: BlendedHeights
  /// The flat tiles; nil without quality layers.
  private let flat: FlatTiles?

  private var plan: ScenePlan { context.plan }

  /// Reads what all strips have in common.
  init(_ context: RunContext, layers: [ConfidenceRaster]) throws {
    (self.context, self.layers) = (context, layers)
    heights = try BlendedHeights(context)
    flat = layers.isEmpty ? nil : FlatTiles(surface: try CoarseSurface(context))
  }

  /// The nodata value of the heights: not an elevation on Earth, and far from any relative height.
  static let noData: Float = -9999

  /// Returns a strip as a GeoTIFF.
  func callAsFunction(_ strip: TileIndex) throws -> TaskResult {
    let window = MergeStage.window(of: strip, in: plan.area)
    guard let states = try states(of: strip, window) else { return .nothing("no valid pixel") }
    var values: [Float]
    var quality: ConfidenceStrip?
    if let flat {
      let (turned, part) = heights.windows(for: window)
      let (blend, measures) = try heights.mosaic.confidence(
        in: part, flat: flat, hasSpreads: layers.contains(.spread))
      values = heights.scene(blend, of: window)
      quality = ConfidenceStrip(
        measures, by: heights.resampling, to: turned, turned: plan.turn.inverse)
    } else {
      values = try heights.values(in: window)
    }
    var counts = PixelCounts()
    for pixel in values.indices {
      let isValid = states[pixel] == ValidityMap.State.valid.rawValue
      if !isValid { values[pixel] = .nan }
      counts.valid += isValid ? 1 : 0
      counts.holes +=
        isValid && values[pixel].isNaN || states[pixel] == ValidityMap.State.damaged.rawValue
        ? 1 : 0
    }
    let bands = layers.map { layer in
      quality?.values(of: layer, where: values, noData: layer.isByte ? 0 : Self.noData) ?? []
    }
    let sign: Float = plan.quantity == .depth ? -1 : 1
    for pixel in values.indices {
      values[pixel] = values[pixel].isNaN ? Self.noData : sign * values[pixel]
    }
    let georeferencing = context.scene.information.georeferencing.cropped(to: window)
    return .bytes(
      try RasterPart.encoded(
        [values] + bands, width: window.width, height: window.height, noData: Self.noData,
        georeferencing, metadata: counts.tags))
  }

  /// The state of each pixel; nil if no pixel is valid or damaged.
  ///
  /// - Throws: `DamagedTile` if the stored states are damaged.
  private func states(of strip: TileIndex, _ window: Window) throws -> [UInt8]? {
    let store = context.store
    guard try store.state(of: strip, in: .validity) == .done else { return nil }
    let runs = try store.payload(of: strip, in: .validity)
    guard let states = RunLengths.values(runs, count: window.pixelCount) else {
      throw store.damage(of: strip, in: .validity, "its runs do not fill the strip")
    }
    return states
  }
}
