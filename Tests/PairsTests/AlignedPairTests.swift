import Foundation
import Grids
import Pairs
import Rasters
import Scenes
import TestSupport
import Testing

/// Tests that an image and its heights are aligned on one grid.
@Suite struct AlignedPairTests {
  static let (width, height) = (60, 40)

  private func place(
    pixel: Double = 30, x: Double = 500_000, y: Double = 4_000_000, crs: String? = "EPSG:32612"
  ) throws -> Georeferencing {
    Georeferencing(
      geoTransform: GeoTransform([x, pixel, 0, y, 0, -pixel]), crs: try crs.map { try CRS($0) })
  }

  private func image(
    _ georeferencing: Georeferencing?, width: Int = width, height: Int = height,
    invalid: Set<Int> = [], bands: Int = 3
  ) throws -> String {
    try makeRaster(
      width: width, height: height,
      bands: (0..<bands).map { band in
        (0..<width * height).map { invalid.contains($0) ? 0 : Float(1 + $0 + 10_000 * band) }
      }
    ) { dataset in
      if let georeferencing { try dataset.setGeoreferencing(georeferencing) }
      for band in 1...bands { try dataset.setNoData(0, band: band) }
      for (band, color) in [ColorInterpretation.red, .green, .blue].prefix(bands).enumerated()
      where bands >= 3 { try dataset.setColorInterpretation(color, band: band + 1) }
    }
  }

  /// A plane in map coordinates.
  private static func plane(_ x: Double, _ y: Double) -> Double {
    100 + (x - 500_000) / 50 + (4_000_000 - y) / 100
  }

  private func dem(
    _ georeferencing: Georeferencing?, width: Int = width, height: Int = height,
    void: Set<Int> = [], configure: (inout Dataset) throws -> Void = { _ in }
  ) throws -> String {
    let transform = try georeferencing?.geoTransform ?? place().geoTransform!
    let values = (0..<width * height).map { pixel -> Float in
      let at = transform.map(
        column: Double(pixel % width) + 0.5, row: Double(pixel / width) + 0.5)
      return void.contains(pixel) ? -9999 : Float(Self.plane(at.x, at.y))
    }
    return try makeRaster(width: width, height: height, bands: [values]) { dataset in
      if let georeferencing { try dataset.setGeoreferencing(georeferencing) }
      try dataset.setNoData(-9999, band: 1)
      try configure(&dataset)
    }
  }

  private func message(_ pair: Pair) -> String {
    do {
      _ = try AlignedPair(pair)
      return ""
    } catch { return "\(error)" }
  }

  @Test func `a pixel is valid where both are, and heights are void where the DEM is`() throws {
    let aligned = try AlignedPair(
      Pair(image: image(place(), invalid: [7]), dem: dem(place(), void: [9])))
    #expect(aligned.fit == .sameGrid)
    let pixels = try aligned.read(Window(column: 5, row: 0, width: 6, height: 2))
    #expect(pixels.isValid.indices.filter { !pixels.isValid[$0] } == [2, 4])
    #expect(pixels.heights.indices.filter { pixels.heights[$0].isNaN } == [4])
    #expect(pixels.channels == 3)
    #expect(Array(pixels.image[0..<3]) == [6, 10_006, 20_006])
  }

  /// A plane is preserved by any resampling, so the expected height is known at every pixel.
  @Test(arguments: [(90.0, Warp.Resampling.bilinear), (30, .bilinear), (10, .average)])
  func `a DEM on another grid is warped to the image's grid`(
    pixel: Double, resampling: Warp.Resampling
  ) throws {
    let other = try place(pixel: pixel, x: 499_000 + pixel / 3, y: 4_001_000)
    let aligned = try AlignedPair(
      Pair(
        image: image(place()),
        dem: dem(other, width: Int(5000 / pixel), height: Int(4000 / pixel))))
    #expect(aligned.fit == .warped(resampling))
    let window = Window(column: 3, row: 4, width: 20, height: 30)
    let heights = try aligned.read(window).heights
    for row in 0..<30 {
      for column in 0..<20 {
        let truth = Self.plane(
          500_000 + 30 * (Double(column) + 3.5), 4_000_000 - 30 * (Double(row) + 4.5))
        #expect(abs(Double(heights[row * 20 + column]) - truth) < 0.02)
      }
    }
  }

  @Test func `a window of the image becomes a grid with its own origin`() throws {
    var pair = Pair(image: try image(place()), dem: try dem(place(pixel: 60)))
    let whole = try AlignedPair(pair)
    pair.window = Window(column: 8, row: 6, width: 30, height: 20)
    let part = try AlignedPair(pair)
    #expect(part.grid == whole.grid.cropped(to: try #require(pair.window)))
    let inside = Window(column: 1, row: 2, width: 9, height: 8)
    let a = try part.read(inside)
    let b = try whole.read(Window(column: 9, row: 8, width: 9, height: 8))
    #expect(a.image == b.image && a.isValid == b.isValid)
    #expect(zip(a.heights, b.heights).allSatisfy { abs($0 - $1) < 0.01 })
    pair.window = Window(column: 50, row: 6, width: 30, height: 20)
    #expect(message(pair).contains("is not inside"))
  }

  @Test func `rasters of equal size without georeferencing coincide pixel by pixel`() throws {
    let aligned = try AlignedPair(Pair(image: image(nil), dem: dem(nil)))
    #expect(aligned.fit == .samePixels && aligned.groundSampleDistance == nil)
    #expect(message(Pair(image: try image(nil), dem: try dem(nil, width: 30))).contains("30 × 40"))
  }

  @Test func `scale and offset of the DEM are applied, and feet are refused`() throws {
    // GDAL's GeoTIFF driver stores both in its own metadata, so a VRT is used.
    let path = try dem(place())
    let text = """
      <VRTDataset rasterXSize="60" rasterYSize="40"><SRS>EPSG:32612</SRS>
      <GeoTransform>500000, 30, 0, 4000000, 0, -30</GeoTransform>
      <VRTRasterBand dataType="Float32" band="1"><Offset>-5</Offset><Scale>2</Scale><SimpleSource>
      <SourceFilename>\(path)</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>
      </VRTDataset>
      """
    let image = try image(place())
    let plain = try AlignedPair(Pair(image: image, dem: path))
    let window = Window(column: 0, row: 0, width: 4, height: 4)
    let folder = try TemporaryFolder()
    try Data(text.utf8).write(to: URL(filePath: folder("scaled.vrt")))
    let scaled = try AlignedPair(Pair(image: image, dem: folder("scaled.vrt")))
    #expect(
      try scaled.read(window).heights == plain.read(window).heights.map { 2 * $0 - 5 })
    let feet = try dem(place()) { try $0.setUnit("ft", band: 1) }
    #expect(message(Pair(image: image, dem: feet)).contains("heights in ft, expected meters"))
  }

  @Test func `errors explain why a pair cannot be aligned`() throws {
    let image = try image(place())
    func message(_ dem: String) -> String { self.message(Pair(image: image, dem: dem)) }
    #expect(message(try dem(nil)).contains("is not georeferenced"))
    #expect(message(try dem(place(crs: nil))).contains("names no CRS"))
    #expect(message(try dem(place(x: 700_000))).contains("it covers another area, or is void"))
    #expect(message(try dem(place(), void: Set(0..<2400))).contains("void there"))
    let control = [(0.0, 0.0), (60, 0), (0, 40), (60, 40)].map {
      GroundControlPoint(column: $0.0, row: $0.1, x: 500_000 + 30 * $0.0, y: 4e6 - 30 * $0.1)
    }
    let points = Georeferencing(
      groundControlPoints: control, groundControlCRS: try CRS("EPSG:32612"))
    #expect(message(try dem(points)).contains("ground control points"))
    let blind = try self.image(place(), invalid: Set(0..<2400))
    #expect(
      self.message(Pair(image: blind, dem: try dem(place()))).contains("no pixel of the image"))
    let (left, right) = (
      Set((0..<2400).filter { $0 % 60 < 30 }), Set((0..<2400).filter { $0 % 60 >= 30 })
    )
    #expect(
      self.message(
        Pair(image: try self.image(place(), invalid: left), dem: try dem(place(), void: right))
      ).contains("both an image and a height"))
  }

  @Test func `temporary files are removed`() throws {
    let folder = try TemporaryFolder()
    do {
      let aligned = try AlignedPair(
        Pair(image: image(place()), dem: dem(place(pixel: 60))), temporaryFolder: folder.path)
      #expect(try names(in: folder.path).count == 1 && aligned.grid.width == 60)
    }
    #expect(try names(in: folder.path).isEmpty)
  }

  @Test(.enabled(if: hasSharedData("pairs/zion")))
  func `Landsat and SRTM on different grids and CRSs are aligned`() throws {
    var pair = Pair(
      image: sharedPath("pairs/zion/landsat_rgbn.vrt"), dem: sharedPath("pairs/zion/srtm.tif"))
    pair.bands = [1, 2, 3]
    let aligned = try AlignedPair(pair)
    #expect(aligned.fit == .warped(.bilinear))
    let pixels = try aligned.read(Window(column: 500, row: 700, width: 100, height: 80))
    #expect(pixels.isValid.allSatisfy { $0 })
    #expect(pixels.heights.allSatisfy { (1000...3000).contains($0) })
  }
}
