import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// Reads tiles of pairs as inference will see them: one stretch for each image, mirrored beyond its edges.
///
/// Pairs stay open, up to a number.
actor PairReader {
  private let pairs: [Pair]
  private let data: TrainingData
  private let card: ModelCard
  /// A pair that is listed several times, under several names, is open once.
  private var open: [Pair: OpenPair] = [:]
  /// Of each image, which several pairs may be windows of.
  private var sources: [ImageKey: CalibratedScene] = [:]

  private struct ImageKey: Hashable {
    let path: String
    let bands: [Int]?
  }

  /// Up to three files each, of which a process may have a thousand open.
  private static let mostOpen = 256

  init(_ pairs: [Pair], _ data: TrainingData, card: ModelCard) {
    (self.pairs, self.data, self.card) = (pairs, data, card)
  }

  /// Of the pair's window.
  func size(of pair: Int) async throws -> Grid { try await opened(pair).heights.grid }

  /// What a tile has too little of, in words; nil if it has enough.
  func lack(of tile: TrainingTile) async throws -> String? {
    try lack(try await known(in: tile.window, of: tile.pair).heights)
  }

  private func lack(_ heights: [Float]) throws -> String? {
    let known = heights.count { !$0.isNaN }
    let share = Double(known) / Double(heights.count)
    guard share >= data.leastValidShare else {
      return "\(Int(share * 100)) % of it have an image and a height"
    }
    let (low, high) = heights.finiteRange
    let relief = Double(high - low)
    return relief > 0 && relief >= data.leastRelief
      ? nil : "its relief is \(String(format: "%.1f", relief)) m"
  }

  /// What brings the sun of a pair's image to where the card says that the network expects it.
  func turn(of pair: Int) async throws -> Turn {
    let sun = pairs[pair].azimuth.map { SunAzimuth(degrees: $0, source: .given) }
    let image = try await opened(pair).source.scene.information
    return image.turn(of: sun ?? image.sun, into: card.sunAzimuth)
  }

  /// A tile, moved if it has enough there too, and turned, by its sun and then by the view; one with a look is moved and
  /// coloured by that instead.
  func sample(_ tile: TrainingTile, _ view: TileView = .plain) async throws -> TrainingSample {
    let grid = try await opened(tile.pair).heights.grid
    let turn = try await turn(of: tile.pair).followed(by: view.turn)
    let moved = tile.window.moved(by: tile.look?.view ?? view, inside: grid)
    for window in moved == tile.window ? [moved] : [moved, tile.window] {
      let (image, heights) = try await known(in: window, of: tile.pair)
      if window != tile.window, try lack(heights) != nil { continue }
      let (low, high) = heights.finiteRange
      return TrainingSample(
        name: tile.name, image: tile.look?.colours?.applied(to: image) ?? image,
        heights: Tensor(
          [1, window.height, window.width, 1], heights.map { ($0 - low) / (high - low) })
      ).turned(by: turn)
    }
    preconditionFailure("\(tile.name) was found to have enough")
  }

  /// The image in a window of a pair, mirrored beyond the image's edges, and metres, NaN where either has nothing.
  func known(
    in window: Window, of index: Int
  ) async throws -> (image: Tensor, heights: [Float]) {
    let pair = try await opened(index)
    let seen = try await pair.source.tile(window.moved(by: pair.corner), on: pair.source.scene.grid)
    let heights = try pair.heights(in: window)
    return (seen.image, zip(heights, seen.isValid).map { $1 ? $0 : .nan })
  }

  private func opened(_ index: Int) async throws -> OpenPair {
    var key = pairs[index]
    key.name = ""
    if let pair = open[key] { return pair }
    let pair = try OpenPair(pairs[index], source: try await source(of: pairs[index]))
    if open.count < Self.mostOpen { open[key] = pair }
    return pair
  }

  /// The image, its stretch measured.
  private func source(of pair: Pair) async throws -> CalibratedScene {
    let key = ImageKey(path: pair.image, bands: pair.bands)
    if let source = sources[key] { return source }
    let source: CalibratedScene
    do {
      let scene = try SceneSource(pair.image, bands: pair.bands)
      try requirePixels(of: scene)
      let measurement = try await scene.measure(
        .percentile(card.stretch.lowerPercentile, card.stretch.upperPercentile),
        bands: card.stretch.bands == .joint ? .joint : .each)
      source = CalibratedScene(scene, measurement.radiometry)
    } catch let error as SceneError {
      throw SceneError(error.kind, "\(pair.name): \(error.message)")
    }
    if sources.count < Self.mostOpen { sources[key] = source }
    return source
  }

  /// - Throws: `SceneError` where pixels are of another size than the bundle will say that it was trained on.
  private func requirePixels(of source: SceneSource) throws {
    guard let gsd = source.information.groundSampleDistance?.mean,
      !GSDPolicy.isNear(gsd, card.gsdInMeters)
    else { return }
    let range = card.gsdInMeters
    throw SceneError(
      .badData,
      "its pixels are of \(String(format: "%.4g", gsd)) m, and card.gsdInMeters says \(range.lowerBound) to \(range.upperBound) m: "
        + "either is to be changed")
  }
}

/// A pair whose files are open.
private final class OpenPair {
  let heights: AlignedPair
  let source: CalibratedScene
  /// Of the pair's window in the image.
  let corner: Window

  init(_ pair: Pair, source: CalibratedScene) throws {
    heights = try AlignedPair(pair)
    self.source = source
    corner = pair.window ?? source.scene.grid.window
  }

  /// Metres, NaN where there are none and outside the pair.
  func heights(in window: Window) throws -> [Float] {
    let inside = window.intersection(heights.grid.window)
    let known = try heights.read(inside).heights
    guard inside != window else { return known }
    var result = [Float](repeating: .nan, count: window.pixelCount)
    for row in 0..<inside.height {
      let start = (inside.row - window.row + row) * window.width + inside.column - window.column
      for column in 0..<inside.width { result[start + column] = known[row * inside.width + column] }
    }
    return result
  }
}

extension Window {
  /// With so many pixels more on each side.
  func widened(by margin: Int) -> Window {
    Window(
      column: column - margin, row: row - margin, width: width + 2 * margin,
      height: height + 2 * margin)
  }

  /// Moved as a view says, as far as it stays inside; not at all along an axis on which it reaches beyond.
  fileprivate func moved(by view: TileView, inside grid: Grid) -> Window {
    func moved(_ start: Int, _ side: Int, by shift: Int, _ extent: Int) -> Int {
      extent > side ? min(max(start + shift, 0), extent - side) : start
    }
    return Window(
      column: moved(column, width, by: view.right, grid.width),
      row: moved(row, height, by: view.down, grid.height), width: width, height: height)
  }
}
