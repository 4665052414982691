import Foundation
import Grids
import Rasters
import Scenes
import TestSupport
import Testing

/// The validity that is found while a scene is measured is that of its pixels.
@Suite struct ValidityTests {
  let folder: TemporaryFolder
  let scene: String

  init() throws {
    folder = try TemporaryFolder()
    scene = folder("scene.tif")
    var fixture = try SceneFixture()
    fixture.options = [
      "TILED": "YES", "BLOCKXSIZE": "64", "BLOCKYSIZE": "64", "COMPRESS": "DEFLATE",
    ]
    // An edge, an empty cell, a full cell, and single pixels.
    fixture.isVoid = { row, column in
      row + column < 40 || (row / 64 == 1 && column / 64 == 2) || (row > 150 && column % 7 == 3)
    }
    try fixture.write(to: scene)
  }

  @Test(arguments: [
    Window(column: 0, row: 0, width: 300, height: 220),
    Window(column: 61, row: 59, width: 137, height: 9),
    Window(column: 255, row: 128, width: 45, height: 92),
  ])
  func `every pixel has its state`(window: Window) async throws {
    let dataset = try Dataset(reading: scene)
    let expected = try dataset.read(window, bands: [1, 2, 3]).isValid
    let states = try await SceneSource(scene).validity(of: window)
    #expect(states == expected.map { $0 ? 1 : 0 })
  }

  @Test func `pixels that cannot be read are damaged`() async throws {
    try damageBlock(column: 2, row: 2, of: scene)
    let window = Window(column: 0, row: 0, width: 300, height: 220)
    let states = try await SceneSource(scene).validity(of: window)
    for (pixel, state) in states.enumerated() {
      let (row, column) = pixel.quotientAndRemainder(dividingBy: 300)
      #expect((state == 2) == (row / 64 == 2 && column / 64 == 2))
    }
  }

  @Test(arguments: [[], [0], [1, 1, 1], [0, 1, 1, 2, 2, 2, 0], [3, 0, 3, 0]] as [[UInt8]])
  func `runs are the values again`(values: [UInt8]) {
    let bytes = RunLengths(values).bytes
    #expect(RunLengths.values(bytes[...], count: values.count) == values)
    #expect(RunLengths.values(bytes[...], count: values.count + 1) == nil)
    if !values.isEmpty {
      #expect(RunLengths.values(bytes[...], count: values.count - 1) == nil)
      #expect(RunLengths.values(bytes.dropLast(), count: values.count) == nil)
    }
  }
}
