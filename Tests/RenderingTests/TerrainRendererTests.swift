import Rendering
import Testing

struct TerrainRendererTests {
  let mountains = FractalTerrain(width: 96, height: 64, gsdInMeters: 30, seed: 42).heightField()

  @Test func `the same seed gives the same image, another seed another one`() {
    let image = TerrainRenderer(seed: 42).render(mountains)
    #expect(TerrainRenderer(seed: 42).render(mountains) == image)
    #expect(TerrainRenderer(seed: 43).render(mountains) != image)
  }

  @Test func `a plane has uniform brightness in every band`() {
    // Below sea level, the atmosphere model is constant, so only shading could vary.
    let plane = HeightField(width: 12, height: 9, gsdInMeters: 32) { x, y in
      0.5 * x - 0.25 * y - 10_000
    }
    let gray = [Spectrum](repeating: Spectrum(repeating: 0.3), count: 108)
    let lit = [Float](repeating: 1, count: 108)
    let rendered = TerrainRenderer().topOfAtmosphere(plane, ground: gray, visibility: lit)
    #expect(rendered.allSatisfy { $0 == rendered[0] && $0.min() > 0 })
  }

  @Test
  func
    `without an atmosphere, level ground has its reflectance times the sine of the sun's elevation`()
  {
    let plateau = HeightField(width: 3, height: 3, gsdInMeters: 30) { _, _ in 1e9 }
    let ground = [Spectrum](repeating: [0.1, 0.2, 0.3, 0.4], count: 9)
    let renderer = TerrainRenderer()
    let rendered = renderer.topOfAtmosphere(
      plateau, ground: ground, visibility: [Float](repeating: 1, count: 9))
    #expect(rendered.allSatisfy { ($0 - ground[0] * renderer.sun.up).max() < 1e-6 })
    #expect(rendered.allSatisfy { ($0 - ground[0] * renderer.sun.up).min() > -1e-6 })
  }

  @Test func `sunny slopes are brighter than slopes facing away, which are brighter than shadows`()
  {
    let renderer = TerrainRenderer()
    let ground = [Spectrum](repeating: Spectrum(repeating: 0.2), count: 25)
    func brightness(toward slope: Float, visibility: Float) -> Spectrum {
      let plane = HeightField(width: 5, height: 5, gsdInMeters: 30) { x, y in
        -slope * (x * renderer.sun.east - y * renderer.sun.north)
      }
      return renderer.topOfAtmosphere(
        plane, ground: ground, visibility: [Float](repeating: visibility, count: 25))[12]
    }
    let sunny = brightness(toward: 0.5, visibility: 1)
    let away = brightness(toward: -0.5, visibility: 1)
    let shadow = brightness(toward: -0.5, visibility: 0)
    for band in SpectralBand.allCases.map(\.rawValue) {
      #expect(sunny[band] > away[band] && away[band] > shadow[band] && shadow[band] > 0)
    }
    // Shadows are blue: sky light illuminates them, and path radiance adds to them.
    #expect(shadow[0] > shadow[2] && shadow[2] > shadow[3])
  }

  @Test
  func `digital numbers are in a plausible range, and vegetation is bright in the infrared`() {
    let image = TerrainRenderer().render(mountains)
    for band in SpectralBand.allCases {
      #expect(image[band].allSatisfy { (5_000..<60_000).contains($0) })
    }
    let brighter = zip(image[.nearInfrared], image[.red]).count { $0 > $1 }
    #expect(brighter > mountains.heights.count / 2)
  }

  @Test func `voids and their neighbors are fill, and nothing else is`() {
    var field = mountains
    field.heights[30 * 96 + 40] = .nan
    let image = TerrainRenderer().render(field)
    for band in SpectralBand.allCases {
      let fill = image[band].indices.filter { image[band][$0] == Sensor.fill }
      let expected = (29...31).flatMap { row in (39...41).map { row * 96 + $0 } }
      #expect(fill == expected)
    }
  }

  @Test func `level water is dark, especially in the infrared`() {
    let lake = HeightField(width: 30, height: 30, gsdInMeters: 30) { x, y in
      max(0, ((x - 435) * (x - 435) + (y - 435) * (y - 435)).squareRoot() - 250)
    }
    let water = WaterMask(of: lake).isWater
    #expect(water[15 * 30 + 15])
    #expect(water.count { $0 } == lake.heights.count { $0 == 0 })
    let infrared = TerrainRenderer().render(lake)[.nearInfrared]
    let brightest = infrared.indices.filter { water[$0] }.map { infrared[$0] }.sorted()
    let land = infrared.indices.filter { !water[$0] }.map { infrared[$0] }.sorted()
    #expect(brightest[brightest.count / 2] < land[land.count / 20])
  }

  @Test func `digital numbers use Landsat 8's scaling and are never fill if valid`() {
    var sensor = Sensor()
    sensor.darkNoise = 0
    sensor.shotNoise = 0
    let counts = sensor.digitalNumbers(of: [0.1, 0.1, 0.1], width: 3, band: .red)
    #expect(counts == [10_000, 10_000, 10_000])
    #expect(sensor.digitalNumbers(of: [-1], width: 1, band: .red) == [1])
    #expect(sensor.digitalNumbers(of: [9], width: 1, band: .red) == [65_534])
    #expect(sensor.digitalNumbers(of: [.nan], width: 1, band: .red) == [Sensor.fill])
  }
}
