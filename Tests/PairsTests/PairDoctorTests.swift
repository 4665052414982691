import Foundation
import Grids
import PairChecks
import Pairs
import Rendering
import Rasters
import TestSupport
import Testing

/// Tests that each problem is detected, and that a good pair has no findings.
@Suite struct PairDoctorTests {
  static let terrain = FractalTerrain(width: 200, height: 160, gsdInMeters: 30, seed: 7)
    .heightField()
  static let image = TerrainRenderer(seed: 7).render(terrain)

  private static func place(
    x: Double = 500_000, y: Double = 4e6, pixel: Double = 30, crs: String = "EPSG:32612"
  ) throws -> Georeferencing {
    Georeferencing(geoTransform: GeoTransform([x, pixel, 0, y, 0, -pixel]), crs: try CRS(crs))
  }

  private func pair(
    _ name: String = "pair", image place: Georeferencing? = nil,
    dem heights: [Float] = terrain.heights, at demPlace: Georeferencing? = nil,
    type: String = "Float32"
  ) throws -> Pair {
    let (width, height) = (Self.terrain.width, Self.terrain.height)
    let image = try makeRaster(
      width: width, height: height, bands: [Self.image[.red].map(Float.init)]
    ) { try $0.setGeoreferencing(place ?? Self.place()) }
    let dem = try makeRaster(width: width, height: height, bands: [heights], type: type) {
      try $0.setGeoreferencing(demPlace ?? Self.place())
    }
    return Pair(name: name, image: image, dem: dem)
  }

  private func examine(_ pairs: [Pair]) async throws -> DoctorReport {
    try await PairDoctor().examine(PairList(pairs))
  }

  private func codes(_ pair: Pair) async throws -> [PairFinding.Code] {
    try await examine([pair]).pairs[0].findings.map(\.code)
  }

  private func finding(_ code: PairFinding.Code, _ pair: Pair) async throws -> PairFinding {
    let findings = try await examine([pair]).pairs[0].findings
    return try #require(findings.first { $0.code == code }, "\(findings)")
  }

  @Test func `a good pair has no findings`() async throws {
    let report = try await examine([pair()])
    #expect(report.pairs[0].findings.isEmpty && report.findings.isEmpty && report.severity == nil)
    #expect(report.pairs[0].shift?.doubt == nil)
  }

  @Test func `the sun azimuth is estimated and compared with the stated one`() async throws {
    var pair = try pair()
    for azimuth in [nil, 150.0] {
      pair.azimuth = azimuth
      let report = try await examine([pair]).pairs[0]
      #expect(abs(try #require(report.sunAzimuth) - 145) < 20 && report.findings.isEmpty)
    }
    pair.azimuth = 320
    let odd = try await finding(.sunDisagrees, pair)
    #expect(odd.severity == .warning && odd.message.contains("320.0°"), "\(odd.message)")
    // Without a stated azimuth, the estimate is reported.
    let nowhere = try self.pair(image: Georeferencing(), at: Georeferencing())
    #expect(try await finding(.sunFound, nowhere).severity == .note)
    // In an image with reversed rows, the light comes from the other side, but the azimuth is the same on the ground.
    let place = Georeferencing(
      geoTransform: GeoTransform([500_000, 30, 0, 4e6, 0, 30]), crs: try CRS("EPSG:32612"))
    let report = try await examine([try self.pair(image: place, at: place)]).pairs[0]
    #expect(abs(try #require(report.sunAzimuth) - 35) < 20)
  }

  @Test func `a shift of more than a pixel is a warning with its direction`() async throws {
    let shifted = try pair(at: Self.place(x: 500_000 + 75, y: 4e6 - 30))
    let found = try await finding(.shift, shifted)
    #expect(found.severity == .warning)
    #expect(found.message.contains("the DEM lies 2.5 px right of and 1."), "\(found.message)")
    #expect(found.message.hasSuffix("px below the image"))
  }

  @Test func `a pair that cannot be opened is an error, and the other pairs are examined`()
    async throws
  {
    var odd = try pair("odd")
    odd.bands = [3]
    let report = try await examine([odd, pair("good")])
    #expect(report.pairs.map(\.severity) == [.error, nil])
    #expect(report.pairs[0].findings[0].code == .unusable)
    #expect(report.severity == .error && report.count(.error) == 1)
  }

  // MARK: Places

  @Test func `missing overlap is reported with the distance`() async throws {
    let far = try pair(at: Self.place(y: 4e6 + 111_000 + 4800))
    let found = try await finding(.noOverlap, far)
    // About one degree of latitude; a sphere and UTM differ by one or two thousandths.
    let words = found.message.split(separator: " ")
    let km = try #require(words.firstIndex(of: "km").flatMap { Double(words[$0 - 1]) })
    #expect(abs(km - 111) < 0.5, "\(found.message)")
    #expect(try await codes(far) == [.noOverlap])
  }

  @Test func `a DEM declared in the wrong zone is reported to fit the image's zone`() async throws {
    let found = try await finding(.noOverlap, pair(at: Self.place(crs: "EPSG:32618")))
    #expect(
      found.message.contains(
        "the DEM's coordinates would fit the image's CRS, WGS 84 / UTM zone 12N"))
  }

  @Test func `swapped longitude and latitude are detected`() async throws {
    let image = try Self.place(x: 15, y: 45, pixel: 1e-4, crs: "EPSG:4326")
    let dem = try Self.place(x: 44.99, y: 15.005, pixel: 1e-4, crs: "EPSG:4326")
    let found = try await finding(.noOverlap, pair(image: image, at: dem))
    #expect(found.message.contains("if the DEM's longitude and latitude were swapped"))
  }

  @Test func `meters in a CRS of degrees and degrees in a CRS of meters are errors`() async throws {
    let meters = try await finding(.impossiblePlace, pair(at: Self.place(crs: "EPSG:4326")))
    #expect(meters.severity == .error && meters.message.contains("the DEM"))
    let degrees = try Self.place(x: -111, y: 37, pixel: 3e-4)
    #expect(try await finding(.degreesAsMeters, pair(image: degrees)).message.contains("the image"))
  }

  @Test func `a location outside the area of use is a warning, except for Landsat in the south`()
    async throws
  {
    let far = try Self.place(x: 3_500_000)
    #expect(try await codes(pair(image: far, at: far)).contains(.outsideArea))
    let south = try Self.place(y: -1.1e6)
    #expect(try await !codes(pair(image: south, at: south)).contains(.outsideArea))
  }

  // MARK: Heights

  /// Returns the heights of the terrain with some pixels replaced.
  private func heights(_ replace: (_ row: Int, _ column: Int, _ height: Float) -> Float) -> [Float]
  {
    Self.terrain.heights.enumerated().map {
      replace($0.offset / Self.terrain.width, $0.offset % Self.terrain.width, $0.element)
    }
  }

  @Test func `constant heights are an error`() async throws {
    let flat = try await finding(.constant, pair(dem: heights { _, _, _ in 250 }))
    #expect(flat.severity == .error && flat.message.contains("are 250"))
  }

  @Test func `undeclared nodata is distinguished from heights`() async throws {
    let deep = heights { row, column, height in row < 9 && column < 9 ? -32768 : height }
    #expect(try await finding(.impossibleHeight, pair(dem: deep)).severity == .error)
    let zero = heights { row, column, height in
      (40..<50).contains(row) && column < 20 ? 0 : height + 900
    }
    let found = try await finding(.hiddenNoData, pair(dem: zero))
    #expect(found.message.contains("0.62 % of the heights are exactly 0"), "\(found.message)")
    // A plain at the lowest height of the mountains is not nodata.
    let plain = heights { _, _, height in max(height, 500) }
    #expect(try await codes(pair(dem: plain)).isEmpty)
  }

  @Test func `a margin with a single height is reported with its side`() async throws {
    let margin = heights { row, column, height in column >= 195 ? 3000 : height }
    let found = try await finding(.constantEdge, pair(dem: margin))
    #expect(found.severity == .warning && found.message.contains("right edge has 5 lines"))
    let low = try #require(Self.terrain.range).lowerBound
    let sea = heights { row, column, height in row < 30 ? low : height }
    let shore = try await finding(.constantEdge, pair(dem: sea))
    #expect(shore.severity == .note && shore.message.contains("top edge has 16 or more lines"))
  }

  @Test func `byte heights are reported as relative, and coarse steps as terraces`() async throws {
    let range = try #require(Self.terrain.range)
    let byte = heights { _, _, height in
      (255 * (height - range.lowerBound) / (range.upperBound - range.lowerBound)).rounded(.down)
    }
    #expect(try await codes(pair(dem: byte, type: "Byte")).contains(.byteHeights))
    let report = try await examine([pair("byte", dem: byte), pair("meters")])
    #expect(report.findings.map(\.code) == [.unitsMixed])
    let steps = heights { _, _, height in (height / 20).rounded() * 20 }
    #expect(try await finding(.terraces, pair(dem: steps)).message.contains("levels, 20 apart"))
    let whole = heights { _, _, height in height.rounded() }
    #expect(try await codes(pair(dem: whole)).isEmpty)
  }

  // MARK: Surfaces

  /// A slope of 30 % with blocks of 12 × 12 m, 6 m high, on a ninth of the area.
  private func town(gsd: Double, hasHouses: Bool, declared: Pair.Surface?) throws -> Pair {
    let side = Int(240 / gsd)
    let heights = (0..<side * side).map { pixel -> Float in
      let (x, y) = (Double(pixel % side) * gsd, Double(pixel / side) * gsd)
      let isHouse =
        hasHouses && x.truncatingRemainder(dividingBy: 36) < 12
        && y.truncatingRemainder(dividingBy: 36) < 12
      return Float(100 + 0.3 * x + 0.1 * y + (isHouse ? 6 : 0))
    }
    let path = try makeRaster(width: side, height: side, bands: [heights]) {
      try $0.setGeoreferencing(Self.place(pixel: gsd))
    }
    var pair = Pair(name: "town", image: path, dem: path)
    pair.surface = declared
    return pair
  }

  @Test(arguments: [1.0, 2, 3])
  func `houses are detected on a slope, and a bare slope has none`(gsd: Double) async throws {
    let houses = try await examine([town(gsd: gsd, hasHouses: true, declared: .dtm)]).pairs[0]
    #expect(abs(try #require(houses.standing) - 1.0 / 9) < 0.03)
    #expect(houses.findings.contains { $0.code == .surfaceDisagrees && $0.severity == .warning })
    let bare = try await examine([town(gsd: gsd, hasHouses: false, declared: .dtm)]).pairs[0]
    #expect(bare.standing == 0 && !bare.findings.contains { $0.code == .surfaceDisagrees })
    #expect(
      try await codes(town(gsd: gsd, hasHouses: false, declared: .dsm)).contains(.surfaceDisagrees))
    #expect(
      try await !codes(town(gsd: gsd, hasHouses: true, declared: .dsm)).contains(.surfaceDisagrees))
  }

  @Test func `surfaces of coarse DEMs are unknown, and a mixed list is a warning`() async throws {
    var (a, b) = (try pair("a"), try pair("b"))
    (a.surface, b.surface) = (.dsm, .dtm)
    let report = try await examine([a, b])
    #expect(report.pairs.allSatisfy { $0.findings.map(\.code) == [.surfaceUnknown] })
    #expect(report.findings.map(\.code) == [.surfacesMixed])
    b.surface = nil
    #expect(try await examine([a, b]).findings.map(\.severity) == [.note])
  }

  // MARK: Splits

  @Test func `overlap between splits is an error, in any CRS`() async throws {
    var (a, b, c) = (try pair("a"), try pair("b"), try pair("c"))
    (a.split, b.split, c.split) = (.train, .test, .train)
    #expect(try await examine([a, c]).findings.isEmpty)
    let report = try await examine([a, b, c])
    #expect(
      report.findings.map(\.message) == [
        "a (train) and b (test) overlap on the ground",
        "b (test) and c (train) overlap on the ground",
      ])
    #expect(report.findings.allSatisfy { $0.code == .splitsOverlap && $0.severity == .error })
    // Approximately the same corner of Utah, in degrees.
    let degrees = try Self.place(x: -111.01, y: 36.15, pixel: 3e-4, crs: "EPSG:4326")
    var other = try pair("other", image: degrees, at: degrees)
    other.split = .validation
    #expect(try await examine([a, other]).findings.map(\.code) == [.splitsOverlap])
  }

  @Test func `disjoint windows of one image do not overlap`() async throws {
    var (a, b) = (try pair("a"), try pair("b"))
    b.image = a.image
    a.window = Window(column: 0, row: 0, width: 100, height: 160)
    b.window = Window(column: 100, row: 0, width: 100, height: 160)
    (a.split, b.split) = (.train, .test)
    #expect(try await examine([a, b]).findings.isEmpty)
    b.window?.column = 99
    #expect(try await examine([a, b]).findings.map(\.code) == [.splitsOverlap])
  }

  @Test func `images without georeferencing are compared by their pixels`() async throws {
    func bare(_ name: String, _ split: Pair.Split, seed: UInt64) throws -> Pair {
      let image = try makeRaster(width: 80, height: 80, bands: [noise(6400, seed: seed)])
      let dem = try makeRaster(width: 80, height: 80, bands: [noise(6400, seed: 3)])
      var pair = Pair(name: name, image: image, dem: dem)
      pair.split = split
      return pair
    }
    let report = try await examine([
      bare("a", .train, seed: 1), bare("b", .test, seed: 2), bare("c", .test, seed: 1),
      bare("d", .train, seed: 1),
    ])
    #expect(report.findings.map(\.code) == [.sameImagery])
    #expect(report.findings[0].message.contains("a (train) and c (test) and d (train)"))
  }

  // MARK: The page

  @Test func `the page has pictures of each pair`() async throws {
    var doctor = PairDoctor()
    doctor.keepsPictures = true
    let report = try await doctor.examine(PairList([pair("<one>")]))
    let page = try report.page(title: "All & nothing")
    #expect(page.contains("<title>All &amp; nothing</title>") && page.contains("&lt;one&gt;"))
    #expect(page.components(separatedBy: "data:image/png;base64,").count == 4)
    #expect(page.contains("no problems found") && page.contains("<svg"))
  }

  // MARK: Real data

  @Test(.enabled(if: hasSharedData("pairs/imagetodem")))
  func `a margin of another height in published tiles is detected`() async throws {
    var tile = Pair(
      image: sharedPath("pairs/imagetodem/test_01_rgb.tif"),
      dem: sharedPath("pairs/imagetodem/test_01_dem.tif"))
    tile.bands = [1, 2, 3]
    let codes = try await codes(tile)
    #expect(codes.contains(.hiddenNoData) && codes.contains(.constantEdge))
  }

  @Test(.enabled(if: hasSharedData("pairs/toufeng_uav")))
  func `a DSM from a drone is recognized as including objects`() async throws {
    var pair = Pair(
      image: sharedPath("pairs/toufeng_uav/100_0005_0018_ortho50cm.tif"),
      dem: sharedPath("pairs/toufeng_uav/dsm.tif"))
    (pair.bands, pair.surface) = ([1, 2, 3], .dtm)
    #expect(try await codes(pair).contains(.surfaceDisagrees))
  }
}
