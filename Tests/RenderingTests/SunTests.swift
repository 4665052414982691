import Rendering
import Testing

struct SunTests {
  @Test func `level ground is lit by the sine of the sun's elevation`() {
    let sun = Sun(azimuthInDegrees: 200, elevationInDegrees: 30)
    #expect(abs(sun.incidence(on: (0, 0)) - 0.5) < 1e-6)
  }

  @Test func `a slope facing the sun is fully lit, one facing away is dark`() {
    let sun = Sun(azimuthInDegrees: 90, elevationInDegrees: 45)
    #expect(abs(sun.incidence(on: (east: -1, north: 0)) - 1) < 1e-6)
    #expect(sun.incidence(on: (east: 2, north: 0)) == 0)
  }

  @Test(arguments: [15, 30, 45, 60] as [Double])
  func `a wall's shadow is as long as its height divided by the tangent of the elevation`(
    elevation: Double
  ) {
    // A wall 300 m high across the middle of a plain, with the sun in the south.
    let wall = HeightField(width: 3, height: 301, gsdInMeters: 10) { _, south in
      south == 2000 ? 300 : 0
    }
    let sun = Sun(azimuthInDegrees: 180, elevationInDegrees: elevation)
    let visibility = sun.visibility(over: wall)
    let shadow = stride(from: 0, to: 200, by: 1).filter { visibility[$0 * 3 + 1] < 0.5 }
    let expected = Double(300 / (sun.up / (1 - sun.up * sun.up).squareRoot())) / 10
    #expect(abs(Double(shadow.count) - expected) <= 1)
    #expect(visibility[250 * 3 + 1] == 1)  // on the sunny side
  }

  @Test func `a plane casts no shadow on itself`() {
    let plane = HeightField(width: 20, height: 20, gsdInMeters: 30) { x, y in 0.3 * x - 0.2 * y }
    #expect(Sun().visibility(over: plane).allSatisfy { $0 == 1 })
  }
}
