import Fusion
import Grids
import Rasters
import Surfaces

/// Heights in meters: the enlarged cells of the reference with the detail that the scene shows, block by block.
///
/// Each block is a GeoTIFF: band 1 has the heights, and band 2 their classes. The tags count pixels.
struct AnchorStage: Stage {
  let anchor: AnchorPlan
  let area: Window
  let name = StageName.anchor
  let inputs: [StageName]
  let tasks: [TileIndex]
  let result = StageResult.bytes(suffix: "tif")
  let load: StageLoad

  init(_ plan: ScenePlan, _ anchor: AnchorPlan) {
    self.anchor = anchor
    area = plan.area
    inputs =
      [.validity, .anchorCells] + (anchor.hasDetail ? [.anchorGains] + plan.heightStages : [])
    tasks = anchor.blocks.tiles(overlapping: anchor.blocks.scene)
    load = .block(bytes: anchor.blockBytes)
  }

  /// The pixels of a block in the scene.
  static func window(of block: TileIndex, in area: Window, _ anchor: AnchorPlan) -> Window {
    anchor.lattice.pixels(of: anchor.cells(ofBlock: block)).intersection(area)
  }

  func work(in context: RunContext) throws -> StageWork {
    let block = AnchoredBlock(
      context: context, anchor: anchor, surfaces: try BlockSurfaces(context, anchor))
    return { [anchor, area] task, _ in
      let window = Self.window(of: task, in: area, anchor)
      let states = try await context.scene.validity(of: window)
      guard states.contains(where: { $0 != ValidityMap.State.invalid.rawValue }) else {
        return .nothing("no valid pixel")
      }
      var (heights, classes) = try await block.heights(of: task)
      var counts = AnchorCounts()
      for pixel in heights.indices {
        if states[pixel] == ValidityMap.State.invalid.rawValue { classes[pixel] = .noData }
        counts.add(classes[pixel], isVoid: heights[pixel].isNaN, states[pixel])
        if classes[pixel] == .noData || heights[pixel].isNaN {
          (heights[pixel], classes[pixel]) = (StripMerge.noData, .noData)
        }
      }
      return .bytes(
        try RasterPart.encoded(
          [heights, classes.map { Float($0.rawValue) }], width: window.width,
          height: window.height, noData: StripMerge.noData,
          context.scene.information.georeferencing.cropped(to: window), metadata: counts.tags))
    }
  }
}

/// Pixel counts of a block or of the whole output.
struct AnchorCounts: Hashable {
  /// The number of pixels with a height.
  var heights = 0
  /// The number of those without detail of their own.
  var plain = 0
  /// The number of valid pixels where the reference has no height.
  var voids = 0

  private static let tags = (
    heights: "RELIEF_HEIGHTS", plain: "RELIEF_REFERENCE_ONLY", voids: "RELIEF_REFERENCE_VOIDS"
  )

  /// No pixels.
  init() {}

  /// The counts in the tags of a block.
  init(tags: [String: String]) {
    heights = tags[Self.tags.heights].flatMap { Int($0) } ?? 0
    plain = tags[Self.tags.plain].flatMap { Int($0) } ?? 0
    voids = tags[Self.tags.voids].flatMap { Int($0) } ?? 0
  }

  /// The counts as tags.
  var tags: [String: String] {
    [Self.tags.heights: "\(heights)", Self.tags.plain: "\(plain)", Self.tags.voids: "\(voids)"]
  }

  mutating func add(_ height: HeightClass, isVoid: Bool, _ state: UInt8) {
    guard state != ValidityMap.State.invalid.rawValue else { return }
    voids += isVoid ? 1 : 0
    heights += isVoid ? 0 : 1
    plain += !isVoid && height == .reference ? 1 : 0
  }

  static func += (sum: inout AnchorCounts, other: AnchorCounts) {
    sum.heights += other.heights
    sum.plain += other.plain
    sum.voids += other.voids
  }
}
