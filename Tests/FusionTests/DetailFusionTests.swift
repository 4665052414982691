import Foundation
import Fusion
import Grids
import TestSupport
import Testing

/// A land whose slopes the image shows, and images that show nothing.
@Suite struct DetailFusionTests {
  private static let factor = 4
  private let spline = CellSpline(cells: Grid(width: 40, height: 36), factor: factor)
  private var grid: Grid { Grid(width: spline.width, height: spline.height) }

  private var land: [Float] { WavyLand().heights(on: grid) }

  /// The slope towards a direction, in pixels.
  private func brightness(_ land: [Float], down: Float, across: Float) -> [Float] {
    let (width, height) = (grid.width, grid.height)
    return (0..<height).flatMap { row in
      (0..<width).map { column in
        let (left, right) = (max(column - 1, 0), min(column + 1, width - 1))
        let (above, below) = (max(row - 1, 0), min(row + 1, height - 1))
        let x = (land[row * width + right] - land[row * width + left]) / Float(right - left)
        let y = (land[below * width + column] - land[above * width + column]) / Float(below - above)
        return 0.1 * (down * y + across * x)
      }
    }
  }

  private func sources(_ brightness: [Float], of land: [Float]) throws -> [DetailSource] {
    let sun = try #require(
      SunDirection(
        of: [FusionSample(spline.means(land), bands: [brightness], on: spline)]))
    return [DetailSource("shading", ShadingIntegrals(grid, sun: sun).surfaces(of: brightness))]
  }

  private func error(_ heights: [Float], _ truth: [Float]) -> Double {
    zip(heights, truth).reduce(0) { $0 + pow(Double($1.0 - $1.1), 2) }.squareRoot()
  }

  @Test(arguments: [(0, 1), (1, 0), (0.6, -0.8), (-0.7, -0.7)] as [(Float, Float)])
  func `shading from any direction sharpens the cells, and keeps their means`(
    down: Float, across: Float
  ) throws {
    let land = land
    let reference = spline.means(land)
    let fused = try DetailFusion(
      reference, with: sources(brightness(land, down: down, across: across), of: land), on: spline)
    #expect(fused.tests[0].share > 0)
    #expect(error(fused.heights, land) < 0.7 * error(spline.enlarged(reference), land))
    #expect(zip(spline.means(fused.heights), reference).allSatisfy { abs($0 - $1) < 1e-2 })
  }

  @Test func `an image that shows nothing leaves the enlarged reference bit for bit`() throws {
    let reference = spline.means(land)
    let fused = try DetailFusion(
      reference, with: sources(noise(grid.pixelCount).map { $0 / 16384 }, of: land), on: spline)
    #expect(fused.tests[0].share == 0)
    #expect(fused.heights == spline.enlarged(reference))
  }

  @Test func `few cells are not sharpened`() {
    let few = CellSpline(cells: Grid(width: 15, height: 36), factor: 2)
    let reference = noise(few.cells.pixelCount)
    let fused = DetailFusion(
      reference, with: [DetailSource("noise", [noise(few.width * few.height, seed: 2)])], on: few)
    #expect(fused.tests.isEmpty)
    #expect(fused.heights == few.enlarged(reference))
  }

  @Test func `a mirrored scene gives the mirrored heights`() throws {
    let land = land
    let light = brightness(land, down: 0.6, across: -0.8)
    let heights = try DetailFusion(spline.means(land), with: sources(light, of: land), on: spline)
      .heights
    let (width, cells) = (spline.width, spline.cells.width)
    let mirrored = try DetailFusion(
      spline.means(land).mirrored(width: cells),
      with: sources(light.mirrored(width: width), of: land.mirrored(width: width)),
      on: spline
    ).heights.mirrored(width: width)
    #expect(zip(heights, mirrored).allSatisfy { abs($0 - $1) < 0.05 })
  }

  @Test func `neither the unit of the heights nor that of the image matters`() throws {
    let land = land
    let light = brightness(land, down: 1, across: 0.3)
    let heights = try DetailFusion(spline.means(land), with: sources(light, of: land), on: spline)
      .heights
    let scaled = try DetailFusion(
      spline.means(land).map { 3 * $0 + 500 }, with: sources(light.map { 0.01 * $0 - 2 }, of: land),
      on: spline
    ).heights
    #expect(zip(heights, scaled).allSatisfy { abs(3 * $0 + 500 - $1) < 0.1 })
  }
}
