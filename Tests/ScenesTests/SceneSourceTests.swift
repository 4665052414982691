import Foundation
import Grids
import Rasters
import Scenes
import Tensors
import TestSupport
import Testing

@Suite struct SceneSourceTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder("scene.tif")
    try SceneFixture().write(to: path)
  }

  private func source(_ path: String? = nil, bands: [Int]? = nil) async throws
    -> CalibratedScene
  {
    let scene = try SceneSource(path ?? self.path, bands: bands)
    let measurement = try await scene.measure(.range(0, 10_000), bands: .joint)
    return CalibratedScene(scene, measurement.radiometry)
  }

  @Test func `beyond its edges the scene is mirrored, and its pixels are not valid`() async throws {
    let source = try await source()
    let inside = try await source.tile(
      Window(column: 100, row: 200, width: 40, height: 20), on: source.scene.grid)
    let across = try await source.tile(
      Window(column: 100, row: 200, width: 40, height: 40), on: source.scene.grid)
    let size = 40 * 3
    for row in 0..<20 {
      let line = { (tile: SourceTile, row: Int) in tile.image.scalars[row * size..<(row + 1) * size]
      }
      #expect(line(across, row) == line(inside, row))
      guard row > 0 else { continue }
      // Row 219 is the last row; row 219 + k mirrors row 219 − k.
      #expect(line(across, 19 + row) == line(inside, 19 - row))
      #expect(across.isValid[(19 + row) * 40..<(20 + row) * 40].allSatisfy { !$0 })
    }
    #expect(across.isValid[..<(20 * 40)].allSatisfy { $0 })
  }

  @Test func `a window much larger than the scene is filled by repeated mirroring`()
    async throws
  {
    var fixture = try SceneFixture()
    (fixture.width, fixture.height, fixture.isVoid) = (3, 2, { _, _ in false })
    try fixture.write(to: folder("tiny.tif"))
    let source = try await source(folder("tiny.tif"))
    let tile = try await source.tile(
      Window(column: -10, row: -10, width: 32, height: 32), on: source.scene.grid)
    // The mirrored pattern has a period of 4 along columns and of 2 along rows.
    let value = { (row: Int, column: Int) in tile.image.scalars[(row * 32 + column) * 3] }
    for row in 0..<28 {
      for column in 0..<28 {
        #expect(value(row, column) == value(row + 2, column))
        #expect(value(row, column) == value(row, column + 4))
      }
    }
    #expect(tile.isValid.count { $0 } == 6)
  }

  @Test func `invalid pixels have the scene's fill value`() async throws {
    let source = try await source()
    let tile = try await source.tile(
      Window(column: 0, row: 0, width: 32, height: 32), on: source.scene.grid)
    let fills = Set(
      stride(from: 0, to: tile.image.scalars.count, by: 3).compactMap { pixel in
        tile.isValid[pixel / 3] ? nil : tile.image.scalars[pixel]
      })
    #expect(fills.count == 1)
    #expect(fills.allSatisfy { (100...160).contains($0) }, "the median of the band: \(fills)")
  }

  @Test func `a pixel of a coarser lattice is the mean of the pixels under it`() async throws {
    let source = try await source()
    let half = Grid(width: 150, height: 110)
    let fine = try await source.tile(
      Window(column: 200, row: 100, width: 64, height: 64), on: source.scene.grid)
    let coarse = try await source.tile(
      Window(column: 100, row: 50, width: 32, height: 32), on: half)
    for row in 0..<32 {
      for column in 0..<32 {
        let under = [(0, 0), (0, 1), (1, 0), (1, 1)].map { dy, dx in
          fine.image.scalars[((2 * row + dy) * 64 + 2 * column + dx) * 3]
        }
        let mean: Float = under.reduce(0, +) / 4
        #expect(abs(coarse.image.scalars[(row * 32 + column) * 3] - mean) < 1e-3)
      }
    }
  }

  @Test func `a scene inside an archive can be read`() async throws {
    try runProgram(["tar", "-cf", folder("scene.tar"), "-C", folder.path, "scene.tif"])
    let packed = try await source("/vsitar/" + folder("scene.tar") + "/scene.tif")
    let plain = try await source()
    let window = Window(column: 50, row: 60, width: 70, height: 80)
    #expect(
      try await packed.tile(window, on: packed.scene.grid).image
        == plain.tile(window, on: plain.scene.grid).image)
  }
}
