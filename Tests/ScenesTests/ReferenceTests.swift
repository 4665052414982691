import Foundation
import Fusion
import Grids
import Rasters
import Scenes
import TestSupport
import Testing

/// References that are refused, and references with other grids.
@Suite struct ReferenceTests {
  let land: AnchoredLand

  init() throws { land = try AnchoredLand() }

  private func expectError(
    _ kind: RasterError.Kind, _ part: String, reference: String? = nil, vertical: String? = nil,
    output: String? = nil
  ) async throws {
    do {
      _ = try await land.infer(reference: reference, vertical: vertical, output: output)
      Issue.record("expected an error with \(part)")
    } catch {
      let found =
        (error as? SceneError).map { "\($0.kind)" } ?? "\((error as? RasterError)?.kind ?? .io)"
      #expect(found == "\(kind)" && "\(error)".contains(part), "\(error)")
    }
    #expect(!FileManager.default.fileExists(atPath: land.folder("relief.relief")))
  }

  @Test func `a reference without a vertical datum asks for it`() async throws {
    try await expectError(.usage, "--reference-vertical")
    try await expectError(.usage, "EPSG:32633 is not a system of heights", vertical: "EPSG:32633")
  }

  @Test func `a grid for the datum that is not installed is named before anything is computed`()
    async throws
  {
    guard !GDAL.isProjNetworkEnabled, !GDAL.hasProjGrid("us_nga_egm08_25.tif") else { return }
    try await expectError(
      .missingResource, "projsync --file", vertical: "EPSG:3855", output: "EPSG:4979")
  }

  @Test func `relative heights, unknown units and values of no land are refused`() async throws {
    let cells = try pixels(land.reference)
    let path = land.folder("bad.tif")
    try land.write(reference: cells, to: path) { try $0.setMetadata(["HEIGHT": "relative"]) }
    try await expectError(.badData, "relative heights", reference: path, vertical: "EPSG:5773")
    try land.write(reference: cells, to: path) { try $0.setUnit("furlong", band: 1) }
    try await expectError(.badData, "“furlong”", reference: path, vertical: "EPSG:5773")
    var hidden = cells
    hidden[7] = -32768
    try land.write(reference: hidden, to: path)
    try await expectError(
      .badData, "gdal_edit.py -a_nodata", reference: path, vertical: "EPSG:5773")
    try land.write(reference: cells.map { _ in -9999 }, to: path)
    try await expectError(
      .badData, "has no heights in the area", reference: path, vertical: "EPSG:5773")
  }

  @Test func `neither the reference nor the scene is replaced`() async throws {
    let (path, cells) = (land.folder("relief_dem.tif"), try pixels(land.reference))
    try land.write(reference: cells, to: path)
    try await expectError(
      .usage, "would be the reference itself", reference: path, vertical: "EPSG:5773")
    #expect(try pixels(path) == cells)
    try await expectError(
      .usage, "is the scene itself", reference: land.scene, vertical: "EPSG:5773")
  }

  @Test func `undeclared nodata is not taken for a height`() async throws {
    var cells = try pixels(land.reference)
    for cell in 100..<140 { cells[cell] = -9999 }
    let path = land.folder("undeclared.tif")
    try makeRaster(
      at: path, width: land.spline.cells.width, height: land.spline.cells.height, bands: [cells]
    ) {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: AnchoredLand.place.scaled(columns: 4, rows: 4),
          crs: try CRS(AnchoredLand.utm)))
    }
    try await expectError(
      .badData, "gdal_edit.py -a_nodata", reference: path, vertical: "EPSG:5773")
  }

  @Test func `a plain in whole meters is no staircase of lakes`() async throws {
    let (width, height) = (land.spline.cells.width, land.spline.cells.height)
    let steps = (0..<width * height).map { Float((Double($0 % width) * 0.25).rounded()) }
    let path = land.folder("plain.tif")
    try makeRaster(at: path, width: width, height: height, bands: [steps], type: "Int16") {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: AnchoredLand.place.scaled(columns: 4, rows: 4),
          crs: try CRS(AnchoredLand.utm)))
    }
    _ = try await land.infer(reference: path)
    let dem = try land.dem()
    let jumps = dem.indices.dropFirst().filter { $0 % (4 * width) > 0 }.map {
      abs(dem[$0] - dem[$0 - 1])
    }
    #expect(jumps.max() ?? 1 < 0.5)
  }

  @Test func `a plane is a plane beside its voids and where it ends`() async throws {
    let (width, height) = (land.spline.cells.width, land.spline.cells.height)
    let plane = (0..<width * height).map { cell -> Float in
      let (row, column) = (cell / width, cell % width)
      let isVoid = column > 40 || (10..<14).contains(row) && (8..<12).contains(column)
      return isVoid ? -9999 : Float(1000 + 20 * row - 10 * column)
    }
    let path = land.folder("plane.tif")
    try land.write(reference: plane, to: path)
    _ = try await land.infer(reference: path)
    let dem = try land.dem()
    let errors = dem.indices.filter { dem[$0] != -9999 }.map { pixel -> Double in
      let (row, column) = (pixel / (4 * width), pixel % (4 * width))
      let (y, x) = ((Double(row) + 0.5) / 4 - 0.5, (Double(column) + 0.5) / 4 - 0.5)
      return abs(Double(dem[pixel]) - (1000 + 20 * y - 10 * x))
    }
    #expect(errors.max() ?? 1 < 0.05)
  }

  @Test func `a reference of few large cells needs no more memory than the scene`() async throws {
    let path = land.folder("large.tif")
    try makeRaster(at: path, width: 2, height: 2, bands: [[1000, 1100, 1200, 1300]]) {
      try $0.setGeoreferencing(
        Georeferencing(
          geoTransform: GeoTransform([480_000, 20_000, 0, 5_020_000, 0, -20_000]),
          crs: try CRS(AnchoredLand.utm)))
    }
    let report = try await land.infer(reference: path) { $0.memory = 700 << 20 }
    #expect(report.anchor?.sources.isEmpty == true && report.anchor?.heights == 48_000)
  }

  @Test func `a reference in degrees on its own grid is sharpened alike`() async throws {
    let (utm, degrees) = (try CRS(AnchoredLand.utm), try CRS("EPSG:4326"))
    let edges = try degrees.bounds(
      of: Bounds(minX: 499_000, minY: 4_993_000, maxX: 508_500, maxY: 5_001_000), from: utm)
    let (width, height) = (80, 72)
    let grid = Grid(
      width: width, height: height,
      geoTransform: GeoTransform([
        edges.minX, (edges.maxX - edges.minX) / Double(width), 0,
        edges.maxY, 0, -(edges.maxY - edges.minY) / Double(height),
      ]))
    let path = land.folder("degrees.tif")
    try Warp.write(
      Dataset(reading: land.reference), onto: grid, crs: degrees, by: .cubic, to: path)
    _ = try await land.infer(reference: path)
    // What is known after the reference was brought to cells.
    let back = try Warp.values(
      Dataset(reading: path), onto: Dataset(reading: land.reference).grid, crs: utm, by: .cubic)
    let plain = land.spline.enlarged(
      zip(back, try pixels(land.reference)).map { $0.isNaN ? $1 : $0 })
    let dem = try zip(land.dem(), plain).map { $0 == -9999 ? $1 : $0 }
    #expect(land.error(of: dem) < 0.9 * land.error(of: plain))
  }

  @Test func `cells are the reference's pixels where these are whole pixels of the scene`()
    async throws
  {
    _ = try await land.infer {
      $0.area = .window(Window(column: 6, row: 5, width: 200, height: 150))
    }
    let dem = try Dataset(reading: land.folder("relief_dem.tif"))
    let inside = Window(column: 2, row: 3, width: 196, height: 144)
    let heights = try dem.read(inside, band: 1)
    let cells = try pixels(land.reference)
    for row in 0..<36 {
      for column in 0..<49 {
        var sum: Float = 0
        for pixel in 0..<16 {
          sum += heights[(4 * row + pixel / 4) * 196 + 4 * column + pixel % 4]
        }
        let cell = cells[(row + 2) * 60 + column + 2]
        #expect(abs(sum / 16 - cell) < 0.002)
      }
    }
  }

  @Test func `a reference as fine as the scene is brought to its grid`() async throws {
    let path = land.folder("fine.tif")
    try makeRaster(
      at: path, width: land.spline.width, height: land.spline.height, bands: [land.heights]
    ) {
      try $0.setGeoreferencing(
        Georeferencing(geoTransform: AnchoredLand.place, crs: try CRS(AnchoredLand.utm)))
    }
    let report = try await land.infer(reference: path)
    #expect(try land.dem() == land.heights)
    #expect(report.warnings.contains { $0.contains("as fine as the scene or finer") })
  }
}
