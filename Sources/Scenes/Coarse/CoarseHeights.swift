import TileModels
import Grids
import Surfaces
import Tensors

/// Coarse heights of a tile, from one inference or from an ensemble over several pixel sizes.
///
/// Low frequencies are the mean of all members. High frequencies come from the first member, which has the tile's own
/// pixel size: members with larger pixels do not resolve them, and averaging would only blur them.
struct CoarseHeights: Sendable {
  let model: any TileModel
  /// The ensemble; nil for a single inference per tile.
  let ensemble: SceneOptions.Ensemble?
  let inference: TileInference

  /// Heights of a tile as `[row, column]`, NaN where the scene is not valid; nil if no pixel is valid.
  ///
  /// Each member of an ensemble has its own scale and offset, and is calibrated to the first member on the pixels that
  /// are valid in both.
  func heights(of tile: TileIndex, through gate: AsyncSemaphore) async throws -> TileHeights? {
    let model = model
    let found = try await inference.values(of: tile, through: gate) { _, input in
      try model.coarseHeight(of: input.image).scalars
    }
    guard let (values, input) = found else { return nil }
    let first = zip(values, input.isValid).map { $1 ? $0 : Float.nan }
    guard let ensemble else { return TileHeights(values: first) }
    var sum = MemberSum(pixels: first.count)
    sum.add(first)
    for scale in ensemble.scales.dropFirst() {
      let member = try await heights(of: tile, inPixels: scale, through: gate)
      let shared = zip(member, first).map { $1.isNaN || $0.isNaN ? $1 : $0 }
      let (scale, offset) = AffineFit(of: shared, to: first).map(Self.calibration) ?? (1, 0)
      sum.add(shared, scale: scale, offset: offset)
    }
    var result = sum.heights
    let blurred = zip(first, result.values).map { $0 - $1 }
    let fine = Self.highPass.apply(blurred, width: inference.level.tiles.window(of: tile).width)
    result.values = zip(result.values, fine).map { $0 + $1 }
    return result
  }

  /// Keeps wavelengths of less than about 40 pixels, which only the first member resolves.
  ///
  /// The patches of the members with the largest pixels cover 30 pixels.
  private static let highPass = HighPass(wavelengthInColumns: 40, rows: 40)

  /// Heights from inference on larger pixels, and so with more of the surroundings; NaN outside the scene.
  ///
  /// The result is resampled to the tile's own pixels, `[row, column]`.
  private func heights(
    of tile: TileIndex, inPixels scale: Double, through gate: AsyncSemaphore
  ) async throws -> [Float] {
    let level = inference.level
    let lattice = try ScenePlan.lattice(level.lattice, scale: scale)
    let window = level.tiles.window(of: tile)
    // The wide window has the same center and the same number of pixels.
    func start(_ first: Int, _ count: Int, _ extent: Int, of own: Int) -> Int {
      let half = Double(count) / 2
      return Int(((Double(first) + half) * Double(extent) / Double(own) - half).rounded())
    }
    let wide = Window(
      column: start(window.column, window.width, lattice.width, of: level.lattice.width),
      row: start(window.row, window.height, lattice.height, of: level.lattice.height),
      width: window.width, height: window.height)
    let input = try await inference.source.tile(wide, on: lattice)
    let model = model
    let heights = try numbers(
      await gate.pass { try model.coarseHeight(of: input.image).scalars })
    let resampling = Resampling(from: lattice, to: level.lattice)
    let inside = window.intersection(level.tiles.scene)
    let below = resampling.sourceWindow(for: inside)
    let part = Self.values(heights, of: wide, in: below)
    return Self.values(resampling.apply(part, to: inside), of: inside, in: window)
  }

  /// Copies the values of a window into another window, `[row, column]`; NaN where they do not overlap.
  private static func values(_ values: [Float], of window: Window, in other: Window) -> [Float] {
    other.rows.flatMap { row in
      other.columns.map { column in
        window.rows.contains(row) && window.columns.contains(column)
          ? values[(row - window.row) * window.width + column - window.column] : .nan
      }
    }
  }

  /// The minimum trust of a fit for a member to be scaled to the first member.
  private static let leastTrust = 0.1

  /// The calibration of a member to the first member.
  ///
  /// A member that disagrees with the first still counts: the spread is meant to show the disagreement, and nothing
  /// tells which of the two is right. But the ratio of two unrelated reliefs is not a meaningful scale, and would
  /// amplify the noise of a member with little relief. Such a member keeps its own scale, which comes from the same
  /// network for the same area, and only its mean is matched to the first member's.
  private static func calibration(_ fit: AffineFit) -> (scale: Double, offset: Double) {
    fit.trust >= leastTrust ? (fit.scale, fit.shift) : (1, fit.referenceMean - fit.mean)
  }
}
