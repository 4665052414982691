import Rasters
import Testing

@Suite struct CRSTests {
  @Test func `an EPSG code has a name, an authority and a kind`() throws {
    let utm = try CRS("EPSG:32612")
    #expect(utm.name == "WGS 84 / UTM zone 12N")
    #expect(utm.authority == "EPSG:32612")
    #expect(!utm.isGeographic)
    #expect(try CRS("EPSG:4326").isGeographic)
  }

  @Test func `equivalent definitions of a system are the same`() throws {
    let utm = try CRS("EPSG:32612")
    let again = try CRS(utm.wkt)
    #expect(again.isSame(as: utm))
    #expect(again == utm)
    #expect(!utm.isSame(as: try CRS("EPSG:32613")))
    #expect(try CRS("OGC:CRS84").isGeographic)
  }

  @Test func `a system without an authority keeps its definition`() throws {
    let custom = try CRS("+proj=laea +lat_0=12.3 +lon_0=45.6 +ellps=bessel +units=m")
    #expect(custom.authority == nil)
    #expect(try CRS(custom.wkt).isSame(as: custom))
    #expect(!custom.isSame(as: try CRS("+proj=laea +lat_0=12.4 +lon_0=45.6 +ellps=bessel")))
  }

  @Test(arguments: ["EPSG:99999", "", "GEOGCS[", "nonsense"])
  func `the error for an unknown definition contains it`(definition: String) {
    let error = #expect(throws: RasterError.self) { try CRS(definition) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("\"\(definition)\"") == true)
  }

  @Test func `bounds of a UTM zone's middle are symmetric about its meridian`() throws {
    let utm = try CRS("EPSG:32633")
    let square = Bounds(minX: 400_000, minY: 5_000_000, maxX: 600_000, maxY: 5_200_000)
    let bounds = try CRS("EPSG:4326").bounds(of: square, from: utm)
    #expect(abs(bounds.minX + bounds.maxX - 30) < 1e-9)  // longitude first: 15° is the meridian
    #expect(bounds.minY > 44 && bounds.maxY < 48)
    // The northern edge bulges: its highest point is not a corner.
    let corner = try CRS("EPSG:4326").bounds(
      of: Bounds(minX: 400_000, minY: 5_200_000, maxX: 400_000, maxY: 5_200_000), from: utm)
    #expect(bounds.maxY > corner.maxY + 1e-4)
  }

  @Test func `bounds transformed there and back cover the rectangle`() throws {
    let (utm, wgs84) = (try CRS("EPSG:32633"), try CRS("EPSG:4326"))
    let square = Bounds(minX: 450_000, minY: 5_000_000, maxX: 460_000, maxY: 5_010_000)
    let back = try utm.bounds(of: try wgs84.bounds(of: square, from: utm), from: wgs84)
    #expect(back.minX <= square.minX && back.maxX >= square.maxX)
    #expect(back.minY <= square.minY && back.maxY >= square.maxY)
    #expect(square.minX - back.minX < 200 && back.maxY - square.maxY < 200)
  }

  @Test func `there is no transformation from Mars to the Earth`() throws {
    let mars = try CRS("+proj=longlat +a=3396190 +b=3376200 +no_defs")
    let world = Bounds(minX: 0, minY: 0, maxX: 1, maxY: 1)
    let iau = try CRS(
      """
      GEOGCS["Mars 2000",DATUM["D_Mars_2000",SPHEROID["Mars_2000_IAU_IAG",3396190,169.894447223612]],\
      PRIMEM["Reference_Meridian",0],UNIT["Degree",0.0174532925199433]]
      """)
    #expect(iau.isGeographic && mars.isGeographic)
    let error = #expect(throws: RasterError.self) {
      try CRS("EPSG:4326").bounds(of: world, from: iau)
    }
    #expect(error?.kind == .missingResource)
  }

  @Test func `a rectangle outside the domain of a projection is an error`() throws {
    let error = #expect(throws: RasterError.self) {
      try CRS("+proj=geos +h=35785831 +datum=WGS84").bounds(
        of: Bounds(minX: 170, minY: -10, maxX: 179, maxY: 10), from: try CRS("EPSG:4326"))
    }
    #expect(error?.kind == .badData)
  }

  @Test func `GDAL and PROJ report their versions, drivers and data`() {
    #expect(GDAL.version.split(separator: ".").count >= 3)
    #expect(GDAL.projVersion.split(separator: ".").count == 3)
    #expect(GDAL.hasDriver("COG") && GDAL.hasDriver("GTiff") && !GDAL.hasDriver("none"))
    #expect(GDAL.projDatabase?.hasSuffix("proj.db") == true)
    #expect(!GDAL.hasProjGrid("no_such_grid.tif"))
  }

  @Test func `the limit of GDAL's cache can be set`() {
    let before = GDAL.cacheLimit
    GDAL.setCacheLimit(bytes: 123_000_000)
    #expect(GDAL.cacheLimit == 123_000_000)
    GDAL.setCacheLimit(bytes: before)
  }
}
