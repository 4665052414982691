import DepthModels
import Grids
import Surfaces
import Tensors

/// What the coarse half of a network says of a tile, or what it says of its ground at several pixel sizes.
///
/// The broad forms are the mean of all looks. The fine ones are those of the tile as it lies: looks in larger pixels have
/// none, and the mean would only blur them.
struct CoarseHeights: Sendable {
  let model: any TileModel
  let ensemble: SceneOptions.Ensemble?
  let sight: TileSight

  /// Heights of a tile as [row, column], NaN where the scene is not valid; nil where none of it is.
  ///
  /// Each member of an ensemble has a scale and an offset of its own, and is brought to those of the tile as it lies by what
  /// both show of the valid pixels.
  func heights(of tile: TileIndex, through gate: Gate) async throws -> TileHeights? {
    let model = model
    let found = try await sight.look(at: tile, through: gate) { _, seen in
      try model.coarseHeight(of: seen.image).scalars
    }
    guard let (values, seen) = found else { return nil }
    let first = zip(values, seen.isValid).map { $1 ? $0 : Float.nan }
    guard let ensemble else { return TileHeights(values: first) }
    var sum = MemberSum(pixels: first.count)
    sum.add(first)
    for scale in ensemble.scales.dropFirst() {
      let member = try await heights(of: tile, inPixels: scale, through: gate)
      let shared = zip(member, first).map { $1.isNaN || $0.isNaN ? $1 : $0 }
      let (scale, offset) = AffineFit(of: shared, to: first).map(Self.line) ?? (1, 0)
      sum.add(shared, scale: scale, shift: offset)
    }
    var result = sum.heights
    let blurred = zip(first, result.values).map { $0 - $1 }
    let fine = Self.fineForms.apply(blurred, width: sight.level.tiles.window(of: tile).width)
    result.values = zip(result.values, fine).map { $0 + $1 }
    return result
  }

  /// What only the look at the tile as it lies knows: forms of less than about 40 pixels.
  ///
  /// The largest looks' patches cover 30 of them.
  private static let fineForms = HighPass(wavelengthInColumns: 40, rows: 40)

  /// Heights of a tile's ground seen in larger pixels, so with more land around it, as [row, column] of the tile; NaN outside
  /// the scene.
  private func heights(
    of tile: TileIndex, inPixels scale: Double, through gate: Gate
  ) async throws -> [Float] {
    let level = sight.level
    let lattice = try ScenePlan.lattice(level.lattice, scale: scale)
    let window = level.tiles.window(of: tile)
    // About the same middle, with as many pixels.
    func start(_ first: Int, _ count: Int, _ extent: Int, of own: Int) -> Int {
      let half = Double(count) / 2
      return Int(((Double(first) + half) * Double(extent) / Double(own) - half).rounded())
    }
    let wide = Window(
      column: start(window.column, window.width, lattice.width, of: level.lattice.width),
      row: start(window.row, window.height, lattice.height, of: level.lattice.height),
      width: window.width, height: window.height)
    let seen = try await sight.source.tile(wide, on: lattice)
    let model = model
    let heights = try numbers(
      await gate.pass { try model.coarseHeight(of: seen.image).scalars })
    let resampling = Resampling(from: lattice, to: level.lattice)
    let inside = window.intersection(level.tiles.scene)
    let below = resampling.sourceWindow(for: inside)
    let part = Self.values(heights, of: wide, in: below)
    return Self.values(resampling.apply(part, to: inside), of: inside, in: window)
  }

  /// The values of a window in another one, [row, column]; NaN where they do not meet.
  private static func values(_ values: [Float], of window: Window, in other: Window) -> [Float] {
    other.rows.flatMap { row in
      other.columns.map { column in
        window.rows.contains(row) && window.columns.contains(column)
          ? values[(row - window.row) * window.width + column - window.column] : .nan
      }
    }
  }

  /// The trust below which a member is not believed to show what the first one shows.
  private static let leastTrust = 0.1

  /// What brings a member to the first.
  ///
  /// One that does not show what the first shows is counted all the same: that they differ is what the spread has to
  /// tell, and of the two nobody knows which is right. But the ratio of two reliefs that have nothing in common is no
  /// scale, and would blow up the noise of a member that sees little: so it keeps its own, which the same network gave
  /// to the same ground, and is brought to the first one's level alone.
  private static func line(_ fit: AffineFit) -> (scale: Double, offset: Double) {
    fit.trust >= leastTrust ? (fit.scale, fit.shift) : (1, fit.referenceMean - fit.mean)
  }
}
