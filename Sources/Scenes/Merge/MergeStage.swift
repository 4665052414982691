import Grids
import Rasters
import Surfaces

/// The rows of the output, blended from the tiles: each strip is a GeoTIFF of its own.
///
/// Band 1 has the heights, and the other bands the quality layers, in the order of their cases. The tags
/// `RELIEF_VALID_PIXELS` and `RELIEF_HOLES` count pixels.
struct MergeStage: Stage {
  /// The rows of a strip: the height of the output's blocks, so that each block is written once.
  static let stripHeight = 256

  let name = StageName.merge
  let inputs: [StageName]
  let setting: String
  let tasks: [TileIndex]
  /// The quality layers, in the order of their bands.
  let layers: [ConfidenceRaster]
  let result = StageResult.bytes(suffix: "tif")
  let load = StageLoad.strip

  init(_ plan: ScenePlan, layers: Set<ConfidenceRaster>) {
    inputs = [.validity] + plan.heightStages
    self.layers = ConfidenceRaster.allCases.filter(layers.contains)
    setting = self.layers.map(\.rawValue).joined(separator: ",")
    tasks = Self.strips(of: plan.area)
  }

  /// The strips of an area, from the top.
  static func strips(of area: Window) -> [TileIndex] {
    (0..<(area.height + stripHeight - 1) / stripHeight).map { TileIndex(row: $0, column: 0) }
  }

  /// The window of a strip in the scene.
  static func window(of strip: TileIndex, in area: Window) -> Window {
    let row = strip.row * stripHeight
    return Window(
      column: area.column, row: area.row + row, width: area.width,
      height: min(stripHeight, area.height - row))
  }

  func work(in context: RunContext) throws -> StageWork {
    let merge = try StripMerge(context, layers: layers)
    return { strip, _ in try merge(strip) }
  }
}

/// Pixel counts of a strip or of the whole output.
struct PixelCounts: Hashable {
  /// The number of valid pixels of the scene.
  var valid = 0
  /// Pixels without a height that should have one: valid pixels, and pixels that cannot be read.
  var holes = 0

  private static let tags = (valid: "RELIEF_VALID_PIXELS", holes: "RELIEF_HOLES")

  /// No pixels.
  init() {}

  /// The counts in the tags of a strip.
  init(tags: [String: String]) {
    valid = Int(tags[Self.tags.valid] ?? "") ?? 0
    holes = Int(tags[Self.tags.holes] ?? "") ?? 0
  }

  /// The tags of a strip.
  var tags: [String: String] { [Self.tags.valid: "\(valid)", Self.tags.holes: "\(holes)"] }

  static func += (a: inout PixelCounts, b: PixelCounts) {
    a.valid += b.valid
    a.holes += b.holes
  }
}
