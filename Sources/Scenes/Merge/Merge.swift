import Grids
import Rasters
import Surfaces
import Tensors

/// Blends finished tiles into the output's rows, strip by strip from the top.
struct Merge {
  /// The rows of a strip: the height of the output's blocks, so that each block is written once.
  static let stripHeight = 256

  let plan: ScenePlan
  let source: SceneSource
  let store: RunStore
  /// The calibration of each tile; nil if the tiles are already calibrated.
  let calibrations: [TileIndex: TileAlignment.Calibration]?
  let noData: Float
  /// The flat tiles; used only for quality layers.
  var flat: Set<TileIndex> = []
  /// Whether the spread of an ensemble is stored with each tile.
  var hasSpreads = false

  /// The pixel counts of a merge.
  struct Result {
    /// The number of valid pixels of the scene.
    var validPixels = 0
    /// Pixels without a height that should have one: valid pixels, and pixels that cannot be read.
    var holes = 0
  }

  /// Writes the heights, and the quality layers if any.
  func run(
    into writer: inout RasterWriter, _ confidence: ConfidenceWriter?, progress: ProgressHandler
  ) async throws -> Result {
    let mosaic = TileMosaic(
      level: plan.working, stage: plan.outputStage, store: store, calibrations: calibrations)
    let resampling = Resampling(from: plan.working.lattice, to: plan.turnedGrid)
    let back = plan.turn.inverse
    var result = Result()
    for row in stride(from: 0, to: plan.area.height, by: Self.stripHeight) {
      try Task.checkCancellation()
      let strip = Window(
        column: plan.area.column, row: plan.area.row + row, width: plan.area.width,
        height: min(Self.stripHeight, plan.area.height - row))
      let share = Double(row + strip.height) / Double(plan.area.height)
      if await source.hull(in: strip).isEmpty {
        progress(.merging(share))  // pixels that are not written are nodata
        continue
      }
      let turned = plan.turn.target(of: strip, in: plan.sceneGrid)
      let latticeWindow =
        resampling.isIdentity ? turned : resampling.sourceWindow(for: turned)
      var values: [Float]
      var layers: ConfidenceStrip?
      if confidence == nil {
        values = try mosaic.values(in: latticeWindow)
      } else {
        let (heights, measures) = try mosaic.confidence(
          in: latticeWindow, flat: flat, hasSpreads: hasSpreads)
        values = heights
        layers = ConfidenceStrip(measures, by: resampling, to: turned, turned: back)
      }
      if !resampling.isIdentity { values = resampling.apply(values, to: turned) }
      values = back.turned(values, of: turned)
      let (isValid, damaged) = try await source.validity(of: strip)
      result.holes += damaged
      for pixel in values.indices {
        if !isValid[pixel] { values[pixel] = .nan }
        result.validPixels += isValid[pixel] ? 1 : 0
        result.holes += isValid[pixel] && values[pixel].isNaN ? 1 : 0
      }
      if let layers {
        try confidence?.write(layers, at: strip.relative(to: plan.area), where: values)
      }
      let sign: Float = plan.quantity == .depth ? -1 : 1
      for pixel in values.indices {
        values[pixel] = values[pixel].isNaN ? noData : sign * values[pixel]
      }
      try writer.write(strip.relative(to: plan.area), values.span)
      progress(.merging(share))
    }
    return result
  }
}
