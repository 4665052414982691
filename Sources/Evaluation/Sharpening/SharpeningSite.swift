import Files
import Fusion
import Grids
import Rasters
import Scenes
import Surfaces

/// A site on which references are made from the truth: a DEM, an image, and heights of a network, on one grid.
struct SharpeningSite {
  let grid: RasterGrid
  /// The DEM, `[row, column]`.
  let truth: [Float]
  /// The DEM whose cells are sharpened, alike; that of `truth` unless the request has an anchor.
  let anchor: [Float]
  /// The logarithm of the brightness of each band, alike.
  let bands: [[Float]]
  /// The heights of the network without what is finer than it knows, alike.
  let network: [Float]
  /// Whether each pixel of the DEM is known.
  let isKnown: [Bool]

  /// The greatest number of pixels, since all of them are in memory.
  private static let mostPixels = 1 << 25

  /// Reads a site; what is missing is filled.
  ///
  /// - Throws: `SceneError` if there is no image or the site is too large; `RasterError` if a raster cannot be read.
  init(_ request: EvaluationRequest, in scratch: ScratchFolder) throws {
    guard let image = request.image else {
      throw SceneError(.usage, "\(request.name) has no image, expected one to sharpen a reference")
    }
    let heights = try Dataset(reading: request.heights)
    let own = try RasterGrid(of: heights, gsd: request.gsdInMeters)
    let dem = try Dataset(reading: request.reference)
    let common = try CommonGrid(
      heights: own, reference: RasterGrid(of: dem, gsd: request.gsdInMeters),
      names: (request.heights, request.reference))
    let grid = common.target
    self.grid = grid
    guard grid.grid.pixelCount <= Self.mostPixels else {
      throw SceneError(
        .usage,
        "\(request.name) has \(grid.text), expected at most 2²⁵: choose a part of it with the list's column window"
      )
    }
    func values(_ path: String) throws -> [Float] {
      let raster = try Dataset(reading: path)
      return try raster.heights(in: raster.grid.window)
    }
    let known = try values(common.placeReference(request.reference, in: scratch))
    isKnown = known.map { !$0.isNaN }
    truth = Resampling.filled(known, on: grid.grid)
    anchor =
      try request.anchor.map {
        let path = try grid.placing($0, "the anchor \($0)", as: "anchor", in: scratch)
        return Resampling.filled(try values(path), on: grid.grid)
      } ?? truth
    let sign: Float = heights.metadata()["POSITIVE"] == "down" ? -1 : 1
    let raw = try values(common.place(request.heights, as: "heights", in: scratch))
    let filled = Resampling.filled(raw.map { sign * $0 }, on: grid.grid)
    let filter = HighPass(
      wavelengthInColumns: AnchorPlan.networkWavelength, rows: AnchorPlan.networkWavelength)
    network = zip(filled, filter.apply(filled, width: grid.grid.width)).map { $0 - $1 }
    let source = try Dataset(reading: image)
    let selection = try BandSelection(from: source.bands, asked: request.bands)
    bands = try BandLogarithm.bands(of: selection, among: source.bands).map { band in
      let path = try scratch.write(
        "band-\(band)-image", on: RasterGrid(of: source, gsd: nil)
      ) { window in
        try source.read(window, bands: [band]).values
      }
      let placed = try own.placing(path, "the image \(image)", as: "band-\(band)", in: scratch)
      let samples = try values(common.place(placed, as: "band-\(band)", in: scratch))
      let logarithm = BandLogarithm(of: band, samples)
      return Resampling.filled(
        samples.map { $0.isNaN ? .nan : logarithm.value(of: $0) }, on: grid.grid)
    }
  }
}
