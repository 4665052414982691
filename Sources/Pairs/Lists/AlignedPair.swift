import Files
public import Grids
public import Rasters
public import Scenes

/// An image and its heights on the image's grid.
///
/// A DEM on another grid is warped to the image's grid, only for the pair's window, into a temporary folder. If neither
/// raster is georeferenced and both have the same size, their pixels are assumed to coincide.
public struct AlignedPair: ~Copyable {
  /// How the heights were brought to the image's grid.
  public enum Fit: Hashable, Sendable {
    /// The heights are on the image's grid.
    case sameGrid
    /// Neither raster is georeferenced; pixels are assumed to coincide.
    case samePixels
    /// The heights were warped with the given resampling.
    case warped(Warp.Resampling)
  }

  /// The pair that was opened.
  public let pair: Pair
  /// The grid of the pair's window; windows are relative to its upper left corner.
  public let grid: Grid
  /// The georeferencing of the grid.
  public let georeferencing: Georeferencing
  /// Meters between pixel centers; nil if unknown.
  public let groundSampleDistance: GroundSampleDistance?
  /// The bands of the image that are read.
  public let bands: BandSelection
  /// How the heights were brought to the grid.
  public let fit: Fit
  private let image: Dataset
  /// The position of the grid in the image.
  private let corner: Window
  private let heights: HeightSource

  /// Opens a pair and aligns its heights to its image.
  ///
  /// - Parameters:
  ///   - pair: The pair to open.
  ///   - temporaryFolder: An existing folder for a warped DEM, 4 bytes per pixel, which is deleted with this value; nil uses
  ///     the system's temporary folder.
  /// - Throws: `RasterError` if a raster cannot be read; `FileError` if no temporary folder can be created; `SceneError` if the two cannot be brought to one grid or no
  ///   pixel has both an image and a height.
  public init(_ pair: Pair, temporaryFolder: String? = nil) throws {
    let image = try Dataset(reading: pair.image)
    let bands = try BandSelection(from: image.bands, asked: pair.bands)
    let window = pair.window ?? image.grid.window
    guard image.grid.window.contains(window), !window.isEmpty else {
      throw SceneError(
        .badData,
        "the window \(window) of \(pair.name) is not inside its image of \(image.width) × \(image.height) pixels"
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

  /// Throws unless some pixel has both an image and a height; reads strip by strip until one is found.
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
        "\(pair.dem) has no height within the image: it covers another area, or is void there"
      case (true, true): "no pixel has both an image and a height"
      }
    throw SceneError(.badData, "\(pair.name): \(why)")
  }

  /// Reads a window of the image and the heights.
  ///
  /// - Parameter window: A window inside the grid.
  /// - Returns: Image samples as stored, and heights in meters.
  /// - Throws: `RasterError` if reading fails.
  public borrowing func read(_ window: Window) throws -> AlignedPixels {
    precondition(grid.window.contains(window), "\(window) is not in \(grid.window)")
    return try Self.read(window, image, bands, corner, heights)
  }

  private static func read(
    _ window: Window, _ image: borrowing Dataset, _ bands: BandSelection, _ corner: Window,
    _ heights: borrowing HeightSource
  ) throws -> AlignedPixels {
    let samples = try image.read(
      window.placed(in: corner), bands: bands.numbers, validity: ValidityRule(noData: .any))
    return AlignedPixels(
      width: window.width, height: window.height, channels: samples.channels, image: samples.values,
      heights: try heights.read(window), isSeen: samples.isValid)
  }
}

/// The heights of a pair on the grid of its window.
private struct HeightSource: ~Copyable {
  let fit: AlignedPair.Fit
  private let dataset: Dataset
  /// The position of the grid in the dataset.
  private let corner: Window
  /// Scale and offset convert samples to heights.
  private let scale: Double
  private let offset: Double
  /// The folder of the warped DEM.
  private let scratch: ScratchFolder?

  /// From this ratio of pixel sizes, heights are averaged over the coarser pixel; below it, they are interpolated.
  private static let averagingRatio = 1.5

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
    try requireMeters(band, pair.dem)
    let fit = try fit(image, dem, pair)
    guard case .warped(let resampling) = fit else {
      return HeightSource(fit, dem, corner: window, band)
    }
    let scratch = try ScratchFolder(in: temporaryFolder)
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

  /// Returns heights, `[row, column]`, NaN where there is none.
  borrowing func read(_ window: Window) throws -> [Float] {
    let heights = try dataset.heights(in: window.placed(in: corner))
    guard scale != 1 || offset != 0 else { return heights }
    return heights.map { Float(Double($0) * scale + offset) }
  }

  private static func requireMeters(_ band: Band, _ path: String) throws {
    guard ["", "1", "m", "metre", "metres", "meter", "meters"].contains(band.unit.lowercased())
    else {
      throw SceneError(
        .badData,
        "\(path) has heights in \(band.unit), expected meters: convert them with gdal_calc.py")
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
          "\(pair.name): neither raster is georeferenced, and the image has \(image.width) × \(image.height) pixels, "
            + "the DEM \(dem.width) × \(dem.height): expected georeferencing or equal sizes")
      }
      return .samePixels
    case (.map, .map):
      guard (ours.crs == nil) == (theirs.crs == nil) else {
        let bare = ours.crs == nil ? pair.image : pair.dem
        throw SceneError(
          .badData,
          "\(pair.name): \(bare) names no CRS, but the other raster does; "
            + "assign one with gdal_edit.py -a_srs EPSG:…")
      }
      let isSameCRS = ours.crs == theirs.crs || ours.crs.map { theirs.crs?.isSame(as: $0) } == true
      if isSameCRS, image.grid == dem.grid { return .sameGrid }
      return .warped(try isCoarser(image, than: dem) ? .average : .bilinear)
    case (.groundControl, _), (.rationalPolynomial, _), (_, .groundControl),
      (_, .rationalPolynomial):
      let odd = [Georeferencing.Kind.map, .none].contains(ours.kind) ? pair.dem : pair.image
      throw SceneError(
        .badData,
        "\(pair.name): \(odd) has ground control points or a camera model, expected a geotransform: "
          + "convert it with gdalwarp")
    default:
      let bare = ours.kind == .none ? pair.image : pair.dem
      throw SceneError(
        .badData,
        "\(pair.name): \(bare) is not georeferenced, but the other raster is")
    }
  }

  /// Compares pixel sizes on the ground if both are known, otherwise in map units.
  private static func isCoarser(
    _ image: borrowing Dataset, than dem: borrowing Dataset
  ) throws -> Bool {
    if let ours = try image.groundSampleDistance(), let theirs = try dem.groundSampleDistance() {
      return ours.mean > averagingRatio * theirs.mean
    }
    func area(_ grid: Grid) -> Double { abs(grid.geoTransform?.determinant ?? 1) }
    return area(image.grid).squareRoot() > averagingRatio * area(dem.grid).squareRoot()
  }
}

/// The pixels of a window of an aligned pair.
public struct AlignedPixels: Sendable {
  /// The number of columns.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// The number of image channels: three or one.
  public let channels: Int
  /// Image samples, `[row, column, channel]`; where the image is not valid, the stored value.
  public let image: [Float]
  /// Heights in meters, `[row, column]`; NaN where the DEM has no height, whether or not the image is valid.
  public let heights: [Float]
  /// Whether the image is valid, `[row, column]`.
  public let isSeen: [Bool]
  /// Whether the image is valid and there is a height, `[row, column]`.
  public let isValid: [Bool]

  init(
    width: Int, height: Int, channels: Int, image: [Float], heights: [Float], isSeen: [Bool]
  ) {
    (self.width, self.height, self.channels) = (width, height, channels)
    (self.image, self.heights, self.isSeen) = (image, heights, isSeen)
    isValid = zip(isSeen, heights).map { $0 && !$1.isNaN }
  }

  /// The mean of the channels, `[row, column]`; NaN where the image is not valid.
  package var luminance: [Float] {
    isSeen.indices.map { pixel in
      guard isSeen[pixel] else { return .nan }
      let samples = image[pixel * channels..<(pixel + 1) * channels]
      return samples.reduce(0, +) / Float(channels)
    }
  }
}
