import Grids
import Rasters
import Surfaces
import Tensors

/// Finished tiles → the output's rows, strip by strip from the top.
struct Merge {
  /// Rows at once: the height of the output's blocks, so that each block is written once.
  static let stripHeight = 256

  let plan: ScenePlan
  let source: SceneSource
  let store: any TileStore
  /// How each tile comes onto the common ruler; nil where the tiles lie there.
  let rulers: [TileIndex: TileAlignment.Ruler]?
  let noData: Float
  /// The flat tiles; looked at for rasters of confidence alone.
  var flat: Set<TileIndex> = []
  var hasSpreads = false

  /// What was seen on the way.
  struct Result {
    var validPixels = 0
    /// Pixels that should have a height and have none: valid ones, and those that cannot be read.
    var holes = 0
  }

  func run(
    into writer: inout RasterWriter, _ confidence: ConfidenceWriter?, progress: ProgressHandler
  ) async throws -> Result {
    let mosaic = TileMosaic(
      level: plan.working, stage: plan.outputStage, store: store, rulers: rulers)
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
        progress(.merging(share))  // what is never written is nodata
        continue
      }
      let turned = plan.turn.target(of: strip, in: plan.sceneGrid)
      let place = resampling.isIdentity ? turned : resampling.sourceWindow(for: turned)
      var values: [Float]
      var told: ConfidenceStrip?
      if confidence == nil {
        values = try mosaic.values(in: place)
      } else {
        let (heights, beside) = try mosaic.confidence(in: place, flat: flat, hasSpreads: hasSpreads)
        values = heights
        told = ConfidenceStrip(beside, by: resampling, to: turned, turned: back)
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
      if let told {
        try confidence?.write(told, at: strip.relative(to: plan.area), where: values)
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
