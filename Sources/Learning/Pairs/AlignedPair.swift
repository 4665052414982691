import Foundation
public import Grids
public import Rasters
public import Scenes

/// An image and its heights on one grid, the image's.
///
/// A DEM on another grid is warped onto the image's, for the pair's window alone, into a temporary folder. Where neither
/// says where it lies and both have the same size, their pixels are taken to be the same.
public struct AlignedPair: ~Copyable {
  /// How the heights came onto the image's grid.
  public enum Fit: Hashable, Sendable {
    /// They lie on it.
    case sameGrid
    /// Neither says where it lies.
    case samePixels
    case warped(Warp.Resampling)
  }

  public let pair: Pair
  /// Of the pair's window; all windows count from its corner.
  public let grid: Grid
  /// Where that lies.
  public let georeferencing: Georeferencing
  /// Metres between pixel centres; nil where it cannot be known.
  public let groundSampleDistance: GroundSampleDistance?
  public let bands: BandSelection
  public let fit: Fit

  private let image: Dataset
  /// Of the grid in the image.
  private let corner: Window
  private let heights: HeightSource

  /// Opens a pair.
  ///
  /// - Parameters:
  ///   - pair: Which.
  ///   - temporaryFolder: Where a warped DEM lies until this value is gone, 4 bytes a pixel; nil is the system's.
  /// - Throws: `RasterError` for what can't be read; `SceneError` if the two can't be brought onto one grid, or no pixel
  ///   has both an image and a height.
  public init(_ pair: Pair, temporaryFolder: String? = nil) throws {
    let image = try Dataset(reading: pair.image)
    let bands = try BandSelection(from: image.bands, asked: pair.bands)
    let window = pair.window ?? image.grid.window
    guard image.grid.window.contains(window), !window.isEmpty else {
      throw SceneError(
        .badData,
        "the window \(window) of \(pair.name) isn't inside its image of \(image.width) × \(image.height) pixels"
      )
    }
    let ground = try image.groundSampleDistance()
    let heights = try HeightSource.open(pair, onto: image, window, temporaryFolder)
    try Self.requireSomething(pair, image, bands, window, heights)
    self.pair = pair
    self.bands = bands
    grid = image.grid.cropped(to: window)
    georeferencing = image.georeferencing.cropped(to: window)
    groundSampleDistance = ground
    corner = window
    fit = heights.fit
    self.heights = heights
    self.image = image
  }

  /// Looks for a pixel that has both, strip by strip.
  private static func requireSomething(
    _ pair: Pair, _ image: borrowing Dataset, _ bands: BandSelection, _ corner: Window,
    _ heights: borrowing HeightSource
  ) throws {
    var (hasImage, hasHeight) = (false, false)
    for strip in corner.relative(to: corner).strips() {
      let pixels = try read(strip, image, bands, corner, heights)
      if pixels.isValid.contains(true) { return }
      hasHeight = hasHeight || pixels.heights.contains { !$0.isNaN }
      hasImage = hasImage || pixels.isSeen.contains(true)
    }
    let why =
      switch (hasImage, hasHeight) {
      case (false, _): "no pixel of the image \(pair.image) is valid"
      case (true, false):
        "\(pair.dem) has no height where the image lies: it lies elsewhere, or is void there"
      case (true, true): "no pixel has both an image and a height"
      }
    throw SceneError(.badData, "\(pair.name): \(why)")
  }

  /// Reads a window of both.
  ///
  /// - Parameter window: Inside the grid.
  /// - Returns: Samples as the file has them, and heights in metres.
  /// - Throws: `RasterError` when reading fails.
  public borrowing func read(_ window: Window) throws -> AlignedPixels {
    precondition(grid.window.contains(window), "\(window) is not in \(grid.window)")
    return try Self.read(window, image, bands, corner, heights)
  }

  private static func read(
    _ window: Window, _ image: borrowing Dataset, _ bands: BandSelection, _ corner: Window,
    _ heights: borrowing HeightSource
  ) throws -> AlignedPixels {
    let seen = try image.read(
      window.moved(by: corner), bands: bands.numbers, validity: ValidityRule(noData: .any))
    return AlignedPixels(
      width: window.width, height: window.height, channels: seen.channels, image: seen.values,
      heights: try heights.read(window), isSeen: seen.isValid)
  }
}

/// The heights of a pair on the grid of its window.
private struct HeightSource: ~Copyable {
  let fit: AlignedPair.Fit
  private let dataset: Dataset
  /// Of the grid in the dataset.
  private let corner: Window
  /// From samples to heights.
  private let scale: Double
  private let offset: Double
  /// Holds the warped DEM.
  private let scratch: ScratchFolder?

  /// From this ratio of pixels on, the mean over a coarser pixel is taken; below, values between centres.
  private static let coarser = 1.5

  private init(
    _ fit: AlignedPair.Fit, _ dataset: consuming Dataset, corner: Window, _ band: Band,
    _ scratch: ScratchFolder? = nil
  ) {
    (self.fit, self.corner, self.scratch) = (fit, corner, scratch)
    (scale, offset) = (band.scale, band.offset)
    self.dataset = dataset
  }

  static func open(
    _ pair: Pair, onto image: borrowing Dataset, _ window: Window, _ temporaryFolder: String?
  ) throws -> HeightSource {
    let dem = try Dataset(reading: pair.dem)
    let band = dem.bands[0]
    try requireMetres(band, pair.dem)
    let fit = try fit(image, dem, pair)
    guard case .warped(let resampling) = fit else {
      return HeightSource(fit, dem, corner: window, band)
    }
    let scratch = try ScratchFolder(
      in: temporaryFolder ?? FileManager.default.temporaryDirectory.path)
    let place = image.georeferencing.cropped(to: window)
    var target = try Dataset(
      creating: scratch("grid.tif"), width: window.width, height: window.height, bands: 1,
      type: "Byte", options: ["SPARSE_OK": "TRUE", "TILED": "YES", "BIGTIFF": "IF_SAFER"])
    try target.setGeoreferencing(
      Georeferencing(geoTransform: place.geoTransform, crs: place.crs))
    try Warp.write(dem, onto: target, by: resampling, to: scratch("dem.tif"))
    return HeightSource(
      fit, try Dataset(reading: scratch("dem.tif")), corner: window.relative(to: window), band,
      scratch)
  }

  /// `[row, column]`, NaN where there is none.
  borrowing func read(_ window: Window) throws -> [Float] {
    let heights = try dataset.heights(in: window.moved(by: corner))
    guard scale != 1 || offset != 0 else { return heights }
    return heights.map { Float(Double($0) * scale + offset) }
  }

  private static func requireMetres(_ band: Band, _ path: String) throws {
    guard ["", "1", "m", "metre", "metres", "meter", "meters"].contains(band.unit.lowercased())
    else {
      throw SceneError(
        .badData, "\(path) has heights in \(band.unit), expected metres: gdal_calc.py turns them")
    }
  }

  private static func fit(
    _ image: borrowing Dataset, _ dem: borrowing Dataset, _ pair: Pair
  ) throws -> AlignedPair.Fit {
    let (ours, theirs) = (image.georeferencing, dem.georeferencing)
    switch (ours.kind, theirs.kind) {
    case (.none, .none):
      guard (image.width, image.height) == (dem.width, dem.height) else {
        throw SceneError(
          .badData,
          "\(pair.name): neither says where it lies, and the image has \(image.width) × \(image.height) pixels, "
            + "the DEM \(dem.width) × \(dem.height): nothing tells which belong together")
      }
      return .samePixels
    case (.map, .map):
      guard (ours.crs == nil) == (theirs.crs == nil) else {
        let bare = ours.crs == nil ? pair.image : pair.dem
        throw SceneError(
          .badData,
          "\(pair.name): \(bare) names no CRS, and the other raster does; "
            + "gdal_edit.py -a_srs EPSG:… gives it one")
      }
      let isSameCRS = ours.crs == theirs.crs || ours.crs.map { theirs.crs?.isSame(as: $0) } == true
      if isSameCRS, image.grid == dem.grid { return .sameGrid }
      return .warped(try isCoarser(image, than: dem) ? .average : .bilinear)
    case (.groundControl, _), (.rationalPolynomial, _), (_, .groundControl),
      (_, .rationalPolynomial):
      let odd = [Georeferencing.Kind.map, .none].contains(ours.kind) ? pair.dem : pair.image
      throw SceneError(
        .badData,
        "\(pair.name): \(odd) has ground control points or a camera model, expected a map: "
          + "gdalwarp makes one of it")
    default:
      let bare = ours.kind == .none ? pair.image : pair.dem
      throw SceneError(
        .badData,
        "\(pair.name): \(bare) does not say where it lies, and the other raster does")
    }
  }

  /// By the ground where it is known, else by the units of the map.
  private static func isCoarser(
    _ image: borrowing Dataset, than dem: borrowing Dataset
  ) throws -> Bool {
    if let ours = try image.groundSampleDistance(), let theirs = try dem.groundSampleDistance() {
      return ours.mean > coarser * theirs.mean
    }
    func area(_ grid: Grid) -> Double { abs(grid.geoTransform?.determinant ?? 1) }
    return area(image.grid).squareRoot() > coarser * area(dem.grid).squareRoot()
  }
}

/// A window of an aligned pair.
public struct AlignedPixels: Sendable {
  /// Columns.
  public let width: Int
  /// Rows.
  public let height: Int
  /// Bands of the image: three, or one.
  public let channels: Int
  /// `[row, column, channel]`; where the image isn't valid whatever its file stores.
  public let image: [Float]
  /// `[row, column]` in metres, NaN where the DEM has no height, whatever the image has there.
  public let heights: [Float]
  /// Where the image is valid, `[row, column]`.
  public let isSeen: [Bool]
  /// The one mask, `[row, column]`: the image is valid, and there is a height.
  public let isValid: [Bool]

  init(
    width: Int, height: Int, channels: Int, image: [Float], heights: [Float], isSeen: [Bool]
  ) {
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.image, self.heights, self.isSeen) = (image, heights, isSeen)
    isValid = zip(isSeen, heights).map { $0 && !$1.isNaN }
  }

  /// The mean of the channels, `[row, column]`, NaN where the image isn't valid.
  var luminance: [Float] {
    isSeen.indices.map { pixel in
      guard isSeen[pixel] else { return .nan }
      let samples = image[pixel * channels..<(pixel + 1) * channels]
      return samples.reduce(0, +) / Float(channels)
    }
  }
}

extension Window {
  /// The same rectangle, counted from another origin that lies at a corner in it.
  func moved(by corner: Window) -> Window {
    Window(column: column + corner.column, row: row + corner.row, width: width, height: height)
  }

  /// Windows of its whole width that together cover it, from the top, each of about so many pixels at most.
  func strips(pixels: Int = 1 << 20) -> [Window] {
    let rows = max(1, pixels / max(width, 1))
    return stride(from: row, to: self.rows.upperBound, by: rows).map { first in
      Window(
        column: column, row: first, width: width, height: min(rows, self.rows.upperBound - first))
    }
  }
}
