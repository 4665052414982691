package import Pairs
package import DepthModels
import Foundation
import Grids
import Rasters
import Scenes
import Tensors

/// Reads tiles of pairs as inference reads them: one stretch per image, and mirrored beyond the image's edges.
///
/// Up to 256 pairs stay open.
package actor PairReader {
  private let pairs: [Pair]
  private let data: TrainingData
  private let card: ModelCard
  /// A pair that is listed several times under different names is opened once.
  private var open: [Pair: OpenPair] = [:]
  /// The open images; several pairs may be windows of the same image.
  private var sources: [ImageKey: CalibratedScene] = [:]

  private struct ImageKey: Hashable {
    let path: String
    let bands: [Int]?
  }

  /// A pair opens up to three files, and a process may have about a thousand open.
  private static let mostOpen = 256

  package init(_ pairs: [Pair], _ data: TrainingData, card: ModelCard) {
    (self.pairs, self.data, self.card) = (pairs, data, card)
  }

  /// The size of the pair's window in pixels.
  func size(of pair: Int) async throws -> Grid { try await opened(pair).heights.grid }

  /// Describes what a tile lacks for training; nil if the tile is usable.
  func lack(of tile: TrainingTile) async throws -> String? {
    try lack(try await known(in: tile.window, of: tile.pair).heights)
  }

  private func lack(_ heights: [Float]) throws -> String? {
    let known = heights.count { !$0.isNaN }
    let share = Double(known) / Double(heights.count)
    guard share >= data.leastValidShare else {
      return "only \(Int(share * 100)) % of it has both an image and a height"
    }
    let (low, high) = heights.finiteRange
    let relief = Double(high - low)
    return relief > 0 && relief >= data.leastRelief
      ? nil : "its relief is \(String(format: "%.1f", relief)) m"
  }

  /// The turn that moves the sun of a pair's image into the range of azimuths in the model card.
  func turn(of pair: Int) async throws -> SquareSymmetry {
    let sun = pairs[pair].azimuth.map { SunAzimuth(degrees: $0, source: .given) }
    let image = try await opened(pair).source.scene.information
    return image.turn(of: sun ?? image.sun, into: card.sunAzimuth)
  }

  /// Returns a tile, shifted and turned by a view.
  ///
  /// The shift is skipped if the shifted window has too little valid data. The turn for the sun comes before that of
  /// the view. A tile with a fixed augmentation uses its shift and colors instead.
  package func sample(_ tile: TrainingTile, _ view: TileView = .plain) async throws
    -> TrainingSample
  {
    let grid = try await opened(tile.pair).heights.grid
    let turn = try await turn(of: tile.pair).followed(by: view.turn)
    let moved = tile.window.moved(by: tile.augmentation?.view ?? view, inside: grid)
    for window in moved == tile.window ? [moved] : [moved, tile.window] {
      let (image, heights) = try await known(in: window, of: tile.pair)
      if window != tile.window, try lack(heights) != nil { continue }
      let (low, high) = heights.finiteRange
      return TrainingSample(
        name: tile.name, image: tile.augmentation?.colors?.applied(to: image) ?? image,
        heights: Tensor(
          [1, window.height, window.width, 1], heights.map { ($0 - low) / (high - low) })
      ).turned(by: turn)
    }
    preconditionFailure("\(tile.name) was checked to be usable")
  }

  /// Returns the image and the heights in meters of a pair's window: the image mirrored beyond its edges, heights NaN
  /// where either is void.
  func known(
    in window: Window, of index: Int
  ) async throws -> (image: Tensor, heights: [Float]) {
    let pair = try await opened(index)
    let seen = try await pair.source.tile(
      window.placed(in: pair.corner), on: pair.source.scene.grid)
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

  /// Opens an image and measures its stretch.
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

  /// Checks the pixel size of an image.
  ///
  /// - Throws: `SceneError` if the pixel size differs from the range in the model card.
  private func requirePixels(of source: SceneSource) throws {
    guard let gsd = source.information.groundSampleDistance?.mean,
      !GSDPolicy.isNear(gsd, card.gsdInMeters)
    else { return }
    let range = card.gsdInMeters
    throw SceneError(
      .badData,
      "its pixel size is \(String(format: "%.4g", gsd)) m, and card.gsdInMeters is \(range.lowerBound) to "
        + "\(range.upperBound) m: resample the pair, or change card.gsdInMeters")
  }
}

/// A pair with open files.
private final class OpenPair {
  let heights: AlignedPair
  let source: CalibratedScene
  /// The pair's window in the image.
  let corner: Window

  init(_ pair: Pair, source: CalibratedScene) throws {
    heights = try AlignedPair(pair)
    self.source = source
    corner = pair.window ?? source.scene.grid.window
  }

  /// Returns heights in meters, NaN in voids and outside the pair.
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
  /// Returns the window shifted by a view, clamped to the grid; an axis on which the window is larger than the grid
  /// stays.
  fileprivate func moved(by view: TileView, inside grid: Grid) -> Window {
    func moved(_ start: Int, _ side: Int, by shift: Int, _ extent: Int) -> Int {
      extent > side ? min(max(start + shift, 0), extent - side) : start
    }
    return Window(
      column: moved(column, width, by: view.right, grid.width),
      row: moved(row, height, by: view.down, grid.height), width: width, height: height)
  }
}
