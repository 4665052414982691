import Foundation
import Grids
import PairChecks
import Pairs
import Rendering
import Rasters
import TestSupport
import Testing

/// Tests that known shifts between image and DEM are estimated.
@Suite struct PairShiftTests {
  static let terrain = FractalTerrain(width: 260, height: 240, gsdInMeters: 30, seed: 42)
    .heightField()
  static let image = TerrainRenderer(seed: 42).render(terrain)

  private static func place(_ columns: Double = 0, _ rows: Double = 0) throws -> Georeferencing {
    Georeferencing(
      geoTransform: GeoTransform([500_000 + 30 * columns, 30, 0, 4e6 - 30 * rows, 0, -30]),
      crs: try CRS("EPSG:32612"))
  }

  /// A rendered image and its DEM, moved to the right and down by some pixels.
  private static func rendered(
    _ columns: Double, _ rows: Double, image values: [[Float]]? = nil, heights: [Float]? = nil
  ) throws -> Pair {
    let (width, height) = (terrain.width, terrain.height)
    let bands: [[Float]] =
      values ?? [SpectralBand.red, .green, .blue].map { image[$0].map(Float.init) }
    let path = try makeRaster(width: width, height: height, bands: bands) {
      try $0.setGeoreferencing(place())
    }
    let dem = try makeRaster(width: width, height: height, bands: [heights ?? terrain.heights]) {
      try $0.setGeoreferencing(place(columns, rows))
    }
    var pair = Pair(name: "rendered", image: path, dem: dem)
    pair.bands = bands.count == 1 ? [1] : [1, 2, 3]
    return pair
  }

  @Test(arguments: [(0.0, 0.0), (3, -2), (0.4, 0.7), (-5.3, 6.25), (1.5, -0.5)])
  func `the shift of rendered terrain is estimated at subpixel accuracy, and its sun azimuth`(
    columns: Double, rows: Double
  ) throws {
    let found = try PairShift(of: AlignedPair(Self.rendered(columns, rows)))
    #expect(found.doubt == nil)
    #expect(abs(found.columns - columns) < 0.1 && abs(found.rows - rows) < 0.1)
    // The renderer's sun azimuth is 145°; land cover that depends on aspect biases the estimate slightly.
    #expect(abs(found.azimuthInDegrees - 145) < 20, "\(found.azimuthInDegrees)")
  }

  /// A hillshade without land cover matches the regression's model exactly, except for clipping.
  @Test(arguments: [30.0, 145, 290])
  func
    `a plain hillshade is explained except for clipped brightness, and its azimuth is estimated`(
      azimuth: Double
    ) throws
  {
    let sun = Sun(azimuthInDegrees: azimuth, elevationInDegrees: 60)
    let shade = (0..<Self.terrain.heights.count).map { pixel in
      sun.incidence(
        on: Self.terrain.gradient(
          column: pixel % Self.terrain.width, row: pixel / Self.terrain.width))
    }
    let found = try PairShift(of: AlignedPair(Self.rendered(0, 0, image: [shade])))
    #expect(found.correlation > 0.85 && found.doubt == nil, "\(found.correlation)")
    #expect(abs(found.azimuthInDegrees - azimuth) < 4, "\(found.azimuthInDegrees)")
    #expect(found.distance < 0.05)
  }

  @Test func `a shift that cannot be determined is unknown, with a reason`() throws {
    let count = Self.terrain.heights.count
    let noise = try PairShift(of: AlignedPair(Self.rendered(0, 0, image: [noise(count, seed: 5)])))
    #expect(noise.doubt == .weak, "\(noise.correlation)")
    let flat = try PairShift(
      of: AlignedPair(
        Self.rendered(0, 0, heights: [Float](repeating: 7, count: count))))
    #expect(flat.doubt == .flat && flat.correlation == 0)
    let far = try PairShift(of: AlignedPair(Self.rendered(8, 1)))
    #expect(far.doubt == .rim)
    var small = try Self.rendered(0, 0)
    small.window = Window(column: 50, row: 50, width: 60, height: 60)
    #expect(try PairShift(of: AlignedPair(small)).doubt == .tooSmall)
    small.window = Window(column: 50, row: 50, width: 12, height: 60)
    #expect(try PairShift(of: AlignedPair(small)).doubt != nil)
  }

  /// Voids in half of the image and part of the DEM increase the uncertainty, but do not bias the estimate.
  @Test func `voids do not bias the estimate`() throws {
    var bands = [SpectralBand.red, .green, .blue].map { Self.image[$0].map(Float.init) }
    var heights = Self.terrain.heights
    for pixel in heights.indices {
      if pixel % Self.terrain.width % 90 < 30 {
        for band in 0..<3 { bands[band][pixel] = .nan }
      }
      if pixel / Self.terrain.width % 80 < 15 { heights[pixel] = .nan }
    }
    let found = try PairShift(
      of: AlignedPair(Self.rendered(2.5, 1, image: bands, heights: heights)))
    #expect(abs(found.columns - 2.5) < 0.15 && abs(found.rows - 1) < 0.15, "\(found)")
  }

  @Test func `the estimate is deterministic`() throws {
    let pair = try Self.rendered(1, 2)
    #expect(try PairShift(of: AlignedPair(pair)) == PairShift(of: AlignedPair(pair)))
  }

  // MARK: Real data

  /// Image, DEM, bands, and whether the shift must be known.
  static let real: [(String, String, [Int], Bool)] = [
    ("zion/landsat_rgbn.vrt", "zion/srtm.tif", [1, 2, 3], true),
    ("pa_ridge_valley/etm_nov.tif", "pa_ridge_valley/dem.tif", [3, 2, 1], true),
    ("pa_ridge_valley/etm_july.tif", "pa_ridge_valley/dem.tif", [3, 2, 1], false),
    ("rstoolbox_para/lsat.tif", "rstoolbox_para/srtm.tif", [3, 2, 1], true),
    ("talca/L7_Talca.tif", "talca/DEM_Talca.tif", [3, 2, 1], false),
    (
      "costa_rica_barva/L5TSR_2001.tif", "costa_rica_barva/aster_gdem_v2.tif", [3, 2, 1], false
    ),
    (
      "rs3dbench_tiles/set1_tile_1521_rgb.png", "rs3dbench_tiles/set1_tile_1521_dem255.png",
      [1, 2, 3], true
    ),
    (
      "rs3dbench_tiles/set1_tile_131_rgb.png", "rs3dbench_tiles/set1_tile_131_dem255.png",
      [1, 2, 3], false
    ),
    // Heights with few levels: the peak is one pixel wide and would snap to whole shifts.
    (
      "rs3dbench_tiles/set1_tile_1083_rgb.png", "rs3dbench_tiles/set1_tile_1083_dem255.png",
      [1, 2, 3], false
    ),
    ("imagetodem/test_07_rgb.tif", "imagetodem/test_07_dem.tif", [1, 2, 3], false),
  ]

  /// The true shift of a pair is unknown, but a DEM that is moved must give an estimate that changes by as much.
  @Test(.enabled(if: hasSharedData("pairs")), arguments: sample(real, every: 3))
  func `on real data, an added shift is recovered within 0.3 px or reported as unknown`(
    image: String, dem: String, bands: [Int], isKnown: Bool
  ) throws {
    var pair = Pair(image: sharedPath("pairs/" + image), dem: sharedPath("pairs/" + dem))
    pair.bands = bands
    let aligned = try AlignedPair(pair)
    let base = try PairShift(of: aligned)
    #expect((base.doubt == nil) == isKnown, "\(base.columns) \(base.rows) \(base.correlation)")
    for (columns, rows) in sample([(-3.3, 2.7), (2.0, -1.0), (0.5, 0.5)], every: 3) {
      let found = try PairShift(of: AlignedPair(Self.moved(aligned, columns, rows)))
      if isKnown { #expect(found.doubt == nil) }
      guard base.doubt == nil, found.doubt == nil else { continue }
      let error = (found.columns - base.columns - columns, found.rows - base.rows - rows)
      #expect(max(abs(error.0), abs(error.1)) < 0.3, "\(image) by \(columns), \(rows): \(error)")
    }
  }

  /// Returns the pair with its heights moved to the right and down; files without georeferencing get an arbitrary one.
  private static func moved(
    _ pair: borrowing AlignedPair, _ columns: Double, _ rows: Double
  ) throws -> Pair {
    let pixels = try pair.read(pair.grid.window)
    let place = Georeferencing(
      geoTransform: pair.grid.geoTransform ?? GeoTransform([0, 1, 0, 0, 0, -1]),
      crs: pair.georeferencing.crs)
    let bands = (0..<pixels.channels).map { channel in
      pixels.isSeen.indices.map {
        pixels.isSeen[$0] ? pixels.image[$0 * pixels.channels + channel] : .nan
      }
    }
    let image = try makeRaster(width: pixels.width, height: pixels.height, bands: bands) {
      try $0.setGeoreferencing(place)
    }
    var shifted = place
    if var transform = place.geoTransform {
      (transform.originX, transform.originY) = transform.map(column: columns, row: rows)
      shifted.geoTransform = transform
    }
    let dem = try makeRaster(width: pixels.width, height: pixels.height, bands: [pixels.heights]) {
      try $0.setGeoreferencing(shifted)
      try $0.setNoData(.nan, band: 1)
    }
    var moved = Pair(image: image, dem: dem)
    moved.bands = [1, 2, 3]
    return moved
  }
}
