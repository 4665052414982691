import Rendering
import Testing

struct DrainageTests {
  /// A bowl of 9 by 9 pixels with a notch in the middle of its east side.
  let bowl = HeightField(width: 9, height: 9, gsdInMeters: 10) { east, south in
    let (x, y) = (east / 10 - 4, south / 10 - 4)
    return x > 2 && y == 0 ? 5 : x * x + y * y
  }

  @Test func `every pixel follows its receiver in the order`() {
    let drainage = Drainage(of: bowl)
    var place = [Int](repeating: -1, count: 81)
    for (rank, index) in drainage.order.enumerated() { place[Int(index)] = rank }
    #expect(!place.contains(-1))
    for index in 0..<81 where drainage.receivers[index] != index {
      #expect(place[Int(drainage.receivers[index])] < place[index])
    }
  }

  @Test func `a bowl fills with water up to the notch in its rim`() {
    let levels = Drainage(of: bowl).levels
    for (level, height) in zip(levels, bowl.heights) { #expect(level == max(height, 5)) }
  }

  @Test func `the outlets drain the whole field, each pixel once`() {
    let drainage = Drainage(of: bowl)
    let areas = drainage.areas
    let outlets = areas.indices.filter { drainage.receivers[$0] == $0 }
    let whole: Float = outlets.map { areas[$0] }.reduce(0, +)
    #expect(whole == 81 * 100)
  }

  @Test func `on a plane that falls south, catchments grow by one pixel per row`() {
    let plane = HeightField(width: 5, height: 6, gsdInMeters: 2) { _, south in -south }
    let areas = Drainage(of: plane).areas
    // The outer columns are outlets themselves; the others drain straight down from the first row.
    for row in 1..<6 { #expect(areas[row * 5 + 2] == Float(row) * 4) }
  }

  @Test func `water drains into voids, and voids are not in the order`() {
    var field = bowl
    field.heights[4 * 9 + 4] = .nan
    let drainage = Drainage(of: field)
    #expect(drainage.order.count == 80)
    #expect(drainage.levels[4 * 9 + 3] == field.heights[4 * 9 + 3])
  }
}
