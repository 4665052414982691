import Foundation
import Rasters
import Scenes
import Tensors
import Testing
import TestSupport

/// The sun azimuth, computed and from product metadata.
@Suite struct SunAzimuthTests {
  private static func date(_ text: String) throws -> Date {
    try #require(AcquisitionMetadata.time(text))
  }

  @Test func `the position of the sun matches published examples`() throws {
    // J. Meeus, "Astronomical Algorithms", example 25.a: 1992 October 13, 0h TD.
    let sun = SolarPosition.equatorial(julianDay: 2_448_908.5)
    #expect(abs(sun.rightAscension - 198.38083) < 1e-4)
    #expect(abs(sun.declination + 7.78507) < 1e-4)
    // I. Reda and A. Andreas, "Solar position algorithm for solar radiation applications", NREL/TP-560-34302,
    // table A5.1.
    let golden = SolarPosition(
      at: try Self.date("2003-10-17T12:30:30-07:00"), longitude: -105.1786, latitude: 39.742476)
    #expect(abs(golden.azimuthInDegrees - 194.34024) < 0.01)
    #expect(abs(golden.elevationInDegrees - 39.872046) < 0.01)  // without refraction
  }

  @Test func `at noon the sun is on the meridian, and it is symmetric about the equator`() {
    for latitude in stride(from: -80.0, through: 80, by: 10) {
      for declination in [-20.0, 0, 20] {
        let noon = SolarPosition(declination: declination, hourAngle: 0, latitude: latitude)
        let expected = latitude > declination ? 180.0 : 0
        if latitude != declination {
          #expect(abs(noon.azimuthInDegrees - expected).truncatingRemainder(dividingBy: 360) < 1e-9)
        }
        #expect(abs(noon.elevationInDegrees - (90 - abs(latitude - declination))) < 1e-6)
        let north = SolarPosition(declination: declination, hourAngle: -22.5, latitude: latitude)
        let south = SolarPosition(declination: -declination, hourAngle: -22.5, latitude: -latitude)
        let sum = north.azimuthInDegrees + south.azimuthInDegrees
        #expect(abs(sum - 180) < 1e-9 || abs(sum - 540) < 1e-9)
      }
    }
  }

  @Test
  func `a morning orbit has the sun in the southeast in the north, in the northeast in the south`()
  {
    for latitude in [35.0, 45, 60] {
      #expect((135...180).contains(SunAzimuth(morningOrbitAt: latitude).degrees))
      #expect((0...45).contains(SunAzimuth(morningOrbitAt: -latitude).degrees))
      #expect(SunAzimuth(morningOrbitAt: latitude).warning == nil)
    }
    #expect(SunAzimuth(morningOrbitAt: -12).warning?.contains("--sun-azimuth") == true)
  }

  @Test func `a time at night cannot be an acquisition time`() throws {
    let night = try Self.date("2020-06-21T00:00:00Z")
    #expect(SunAzimuth(at: night, longitude: 0, latitude: 40) == nil)
  }

  @Test func `exactly one symmetry brings the sun into an eighth of the circle`() {
    for degrees in stride(from: 0.25, to: 360, by: 0.5) {
      let fitting = SquareSymmetry.all.filter { (135...180).contains($0.azimuth(degrees)) }
      #expect(
        fitting.count == 1 && fitting[0] == SquareSymmetry(bringing: degrees, into: 135...180))
    }
    for edge in [135.0, 180] {
      #expect(SquareSymmetry(bringing: edge, into: 135...180) == .identity)
    }
    for edge in [0.0, 45, 90, 225, 270, 315, 360] {
      let turned = SquareSymmetry(bringing: edge, into: 135...180).azimuth(edge)
      #expect([135, 180].contains(turned))
    }
    #expect(SquareSymmetry.all.allSatisfy { $0.inverse.azimuth($0.azimuth(77)) == 77 })
  }

  @Test func `directions turn with the image`() {
    // The image has one bright pixel: after the turn, it is still in the direction of the sun from the center.
    for turn in SquareSymmetry.all {
      for (degrees, pixel) in [(0.0, 1), (90, 5), (180, 7), (270, 3)] {
        var image = [Float](repeating: 0, count: 9)
        image[pixel] = 1
        let turned = Tensor([1, 3, 3, 1], image).turned(by: turn).scalars
        let places = [0.0: 1, 90: 5, 180: 7, 270: 3]
        #expect(turned[places[turn.azimuth(degrees)]!] == 1, "\(turn) of \(degrees)")
      }
    }
  }

  // MARK: Metadata

  /// Metadata files as vendors write them, abbreviated, each with the image that it describes.
  private static let products: [(image: String, file: String, text: String, azimuth: Double)] = [
    (
      "LC08_L1TP_038034_20150926_20170225_01_T1_B4.TIF",
      "LC08_L1TP_038034_20150926_20170225_01_T1_MTL.txt",
      "GROUP = L1_METADATA_FILE\n  GROUP = IMAGE_ATTRIBUTES\n    SUN_AZIMUTH = 147.56345\n"
        + "    SUN_ELEVATION = 46.1\n  END_GROUP = IMAGE_ATTRIBUTES\nEND\n", 147.56345
    ),
    (
      "LC08_X_T1_B4.TIF", "LC08_X_T1_MTL.json",
      #"{"LANDSAT_METADATA_FILE": {"IMAGE_ATTRIBUTES": {"SUN_AZIMUTH": "33.5"}}}"#, 33.5
    ),
    (
      "LC08_X_T1_B4.TIF", "LC08_X_T1_MTL.xml",
      "<LANDSAT_METADATA_FILE><IMAGE_ATTRIBUTES><SUN_AZIMUTH>-12.5</SUN_AZIMUTH></IMAGE_ATTRIBUTES></LANDSAT_METADATA_FILE>",
      347.5
    ),
    (
      "S2A.SAFE/GRANULE/L2A_T33/IMG_DATA/R10m/T33_B04_10m.tif",
      "S2A.SAFE/GRANULE/L2A_T33/MTD_TL.xml",
      "<n1:Level-2A_Tile_ID xmlns:n1=\"https://x\"><n1:Geometric_Info><Tile_Angles><Mean_Sun_Angle>"
        + "<ZENITH_ANGLE unit=\"deg\">35.1</ZENITH_ANGLE><AZIMUTH_ANGLE unit=\"deg\">154.25</AZIMUTH_ANGLE>"
        + "</Mean_Sun_Angle><Mean_Viewing_Incidence_Angle><AZIMUTH_ANGLE unit=\"deg\">105</AZIMUTH_ANGLE>"
        + "</Mean_Viewing_Incidence_Angle></Tile_Angles></n1:Geometric_Info></n1:Level-2A_Tile_ID>",
      154.25
    ),
    (
      "20180601_1024_3B_AnalyticMS.tif", "20180601_1024_3B_AnalyticMS_metadata.xml",
      "<ps:EarthObservation xmlns:ps=\"x\"><ps:Acquisition><opt:illuminationAzimuthAngle uom=\"deg\">40.5"
        + "</opt:illuminationAzimuthAngle></ps:Acquisition></ps:EarthObservation>", 40.5
    ),
    (
      "20180601_1024_3B_AnalyticMS.tif", "20180601_1024_metadata.json",
      #"{"properties": {"acquired": "2018-06-01T18:00:00.5Z", "sun_azimuth": 99.25}}"#, 99.25
    ),
    (
      "IMG_PHR1A_MS_001_R1C1.TIF", "DIM_PHR1A_MS_001.XML",
      "<Dimap_Document><Geometric_Data><Use_Area><Located_Geometric_Values><Solar_Incidences>"
        + "<SUN_AZIMUTH unit=\"deg\">358</SUN_AZIMUTH></Solar_Incidences></Located_Geometric_Values>"
        + "<Located_Geometric_Values><Solar_Incidences><SUN_AZIMUTH unit=\"deg\">4</SUN_AZIMUTH>"
        + "</Solar_Incidences></Located_Geometric_Values></Use_Area></Geometric_Data></Dimap_Document>",
      1
    ),
    (
      "17SEP-M2AS.TIF", "17SEP-M2AS.IMD",
      "version = \"R\";\nBEGIN_GROUP = IMAGE_1\n\tmeanSunAz = 162.3;\nEND_GROUP = IMAGE_1\nEND;\n",
      162.3
    ),
    (
      "visual.tif", "some-item.json",
      #"{"type": "Feature", "stac_version": "1.0.0", "properties": {"view:sun_azimuth": 12.5}, "#
        + #""assets": {"visual": {"href": "https://x/y/visual.tif"}}}"#, 12.5
    ),
  ]

  @Test(arguments: products.indices)
  func `the sun azimuth is read from product metadata`(index: Int) throws {
    let product = Self.products[index]
    let folder = try TemporaryFolder()
    for name in [product.image, product.file] {
      let parent = (folder(name) as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true)
    }
    try SceneFixture().write(to: folder(product.image))
    try Data(product.text.utf8).write(to: URL(filePath: folder(product.file)))
    let sun = try #require(try SceneSource.Information(folder(product.image)).sun)
    #expect(abs(sun.degrees - product.azimuth) < 1e-9, "\(sun)")
    guard case .metadata = sun.source else { Issue.record("\(sun)"); return }
    // The metadata of one product does not apply to the image of another one.
    try SceneFixture().write(to: folder("other.tif"))
    let other = try #require(try SceneSource.Information(folder("other.tif")).sun)
    guard case .guessed = other.source else { Issue.record("\(other)"); return }
  }

  @Test func `the tags of the scene and of a mosaic's sources come first`() throws {
    let folder = try TemporaryFolder()
    try makeRaster(
      at: folder("scene.tif"), width: 8, height: 8, bands: [[Float](repeating: 1, count: 64)]
    ) {
      try $0.setGeoreferencing(SceneFixture().georeferencing)
      try $0.setMetadata(["SUN_AZIMUTH": "35.0", "TIFFTAG_DATETIME": "2020:06:21 11:00:00"])
    }
    let sun = try #require(try SceneSource.Information(folder("scene.tif")).sun)
    #expect(sun.description == "35.0°, SUN_AZIMUTH of scene.tif")
    let vrt = """
      <VRTDataset rasterXSize="8" rasterYSize="8"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>
      <SourceFilename relativeToVRT="1">scene.tif</SourceFilename><SourceBand>1</SourceBand>
      </SimpleSource></VRTRasterBand></VRTDataset>
      """
    try Data(vrt.utf8).write(to: URL(filePath: folder("mosaic.vrt")))
    #expect(try SceneSource.Information(folder("mosaic.vrt")).sun == sun)
  }

  @Test func `otherwise time and location are used, but not the date of the file`() throws {
    let folder = try TemporaryFolder()
    func sun(_ tags: [String: String]) throws -> SunAzimuth? {
      try makeRaster(
        at: folder("scene.tif"), width: 8, height: 8, bands: [[Float](repeating: 1, count: 64)]
      ) {
        try $0.setGeoreferencing(SceneFixture().georeferencing)
        try $0.setMetadata(tags)
      }
      return try SceneSource.Information(folder("scene.tif")).sun
    }
    let date = try Self.date("2020-06-21 10:00:00")
    #expect(try sun(["ACQUISITIONDATETIME": "2020-06-21 10:00:00"])?.source == .computed(date))
    let landsat = ["DATE_ACQUIRED": "2020-06-21", "SCENE_CENTER_TIME": "10:00:00.1234567Z"]
    #expect(try sun(landsat)?.source == .computed(date))
    for tags in [["TIFFTAG_DATETIME": "2020:06:21 10:00:00"], ["SUN_AZIMUTH": "unknown"], [:]] {
      guard case .guessed = try sun(tags)?.source else { Issue.record("\(tags)"); return }
    }
  }
}
