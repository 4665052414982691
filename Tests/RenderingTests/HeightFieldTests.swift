import Rendering
import Testing

struct HeightFieldTests {
  @Test(arguments: [(0, 0), (0.5, 0), (0, -0.25), (0.5, 2)] as [(Float, Float)])
  func `a plane has the same gradient everywhere, including its edges`(east: Float, north: Float) {
    // Pixel sizes and slopes are powers of two, so nothing is rounded.
    let plane = HeightField(width: 7, height: 5, gsdInMeters: 32) { x, y in x * east - y * north }
    for row in 0..<5 {
      for column in 0..<7 {
        #expect(plane.gradient(column: column, row: row) == (east, north))
      }
    }
  }

  @Test func `the gradient is NaN next to a void, and known one pixel further`() {
    var plane = HeightField(width: 7, height: 7, gsdInMeters: 1) { x, _ in x }
    plane.heights[3 * 7 + 3] = .nan
    #expect(plane.gradient(column: 3, row: 3).east.isNaN)
    #expect(plane.gradient(column: 2, row: 3).east.isNaN)
    #expect(plane.gradient(column: 1, row: 3) == (1, 0))
  }

  @Test func `interpolation is exact for a plane and clamps at the outermost centers`() {
    let plane = HeightField(width: 4, height: 4, gsdInMeters: 1) { x, y in 2 * x + 4 * y }
    #expect(plane.bilinear(column: 1.25, row: 2.5) == 12.5)
    #expect(plane.bilinear(column: -3, row: 9) == 12)
  }

  @Test func `the range ignores voids`() {
    var field = HeightField(width: 2, height: 2, gsdInMeters: 1) { x, y in x + y }
    field.heights[0] = .nan
    #expect(field.range == 1...2)
    field.heights = [.nan, .nan, .nan, .nan]
    #expect(field.range == nil)
  }
}
