import Rendering
import Testing

struct FractalTerrainTests {
  @Test func `the same seed gives the same terrain, another seed another one`() {
    let terrain = FractalTerrain(width: 60, height: 44, gsdInMeters: 30)
    var other = terrain
    other.seed = 43
    let field = terrain.heightField()
    #expect(field.width == 60 && field.height == 44)
    #expect(terrain.heightField() == field)
    #expect(other.heightField() != field)
  }

  @Test(arguments: [1, 2, 42] as [UInt64])
  func `terrain has relief and a lake, and no depression is left unfilled`(
    seed: UInt64
  ) throws {
    let field = FractalTerrain(width: 100, height: 80, gsdInMeters: 30, seed: seed).heightField()
    #expect(Drainage(of: field).levels == field.heights)
    #expect(WaterMask(of: field).isWater.contains(true))
    let range = try #require(field.range)
    #expect(range.upperBound - range.lowerBound > 500)  // over the 3 km of this small field
  }

  @Test func `the slope of a steady river decreases with the square root of its catchment`() {
    // A straight river in a channel between outlets, n pixels long; each pixel drains those above it.
    var field = HeightField(width: 3, height: 42, gsdInMeters: 100) { _, south in -south / 1000 }
    var erosion = Erosion()
    erosion.diffusivity = 0
    erosion.criticalSlope = 100
    erosion.sedimentSlope = 0
    // The sides and the head are high, so that the middle column drains along itself to the south.
    field.heights[1] = 10_000
    for row in 0..<41 {
      field.heights[row * 3] = 10_000
      field.heights[row * 3 + 2] = 10_000
    }
    let uplift = [Float](repeating: 1e-3, count: field.heights.count)
    let softness = [Float](repeating: 1, count: field.heights.count)
    for step in 0..<400 {
      erosion.erode(
        &field, years: 50_000, uplift: uplift, softness: softness,
        noise: PositionalNoise(seed: 1, stream: UInt64(step)))
    }
    let drainage = Drainage(of: field)
    let areas = drainage.areas
    for row in 2..<40 {
      let index = row * 3 + 1
      let receiver = Int(drainage.receivers[index])
      #expect(receiver == index + 3)
      let slope = (field.heights[index] - field.heights[receiver]) / 100
      // U = K √A S in a steady state.
      let expected = 1e-3 / (erosion.erodibility * areas[index].squareRoot())
      #expect(abs(slope / expected - 1) < 0.02)
    }
  }
}
