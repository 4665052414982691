import Fusion
import Grids
import TestSupport
import Testing

@Suite struct MovingMeansTests {
  @Test(arguments: [(0, 0), (2, -1), (-5, 5), (-3, -4)])
  func `means over shifted cells are those of the shifted surface`(down: Int, right: Int) {
    let spline = CellSpline(cells: Grid(width: 5, height: 4), factor: 3)
    let surface = noise(spline.grid.pixelCount)
    let means = MovingMeans(surface, on: spline, reach: 5).means(down: down, right: right)
    let expected = spline.means(shifted(surface, spline.grid, down: down, right: right))
    #expect(zip(means, expected).allSatisfy { abs($0 - $1) < 0.01 })
  }

  /// The surface whose pixels are those farther down and to the right; edges are repeated.
  private func shifted(_ surface: [Float], _ grid: Grid, down: Int, right: Int) -> [Float] {
    (0..<grid.pixelCount).map { pixel in
      let row = min(max(pixel / grid.width + down, 0), grid.height - 1)
      let column = min(max(pixel % grid.width + right, 0), grid.width - 1)
      return surface[row * grid.width + column]
    }
  }
}
