import Fusion
import Grids
import TestSupport
import Testing

@Suite struct CellSplineTests {
  private static let sizes = [(1, 1), (1, 5), (2, 2), (2, 7), (3, 4), (30, 21)]

  @Test(arguments: sizes, [1, 2, 3, 10])
  func `means over cells are kept to rounding`(size: (Int, Int), factor: Int) {
    let spline = CellSpline(cells: Grid(width: size.1, height: size.0), factor: factor)
    let cells = noise(size.0 * size.1)
    let back = spline.means(spline.enlarged(cells))
    let range = (cells.max() ?? 0) - (cells.min() ?? 0) + 1
    #expect(zip(cells, back).allSatisfy { abs($0 - $1) < 2e-5 * range })
  }

  @Test(arguments: [2, 3, 10])
  func `a plane is reproduced up to its edges`(factor: Int) {
    let spline = CellSpline(cells: Grid(width: 9, height: 6), factor: factor)
    let plane = (0..<spline.height).flatMap { row in
      (0..<spline.width).map { Float(3 * row - 2 * $0) + 100 }
    }
    let enlarged = spline.enlarged(spline.means(plane))
    #expect(zip(plane, enlarged).allSatisfy { abs($0 - $1) < 1e-3 })
    #expect(spline.detail(plane).allSatisfy { abs($0) < 1e-3 })
  }

  @Test func `a mirrored and a turned grid give the mirrored and the turned surface`() {
    let (width, height, factor) = (7, 5, 3)
    let cells = noise(width * height)
    let spline = CellSpline(cells: Grid(width: width, height: height), factor: factor)
    let surface = spline.enlarged(cells)
    let mirrored = spline.enlarged(cells.mirrored(width: width)).mirrored(width: spline.width)
    #expect(zip(surface, mirrored).allSatisfy { abs($0 - $1) < 1e-3 })
    let turned = CellSpline(cells: Grid(width: height, height: width), factor: factor)
      .enlarged(cells.transposed(width: width)).transposed(width: spline.height)
    #expect(zip(surface, turned).allSatisfy { abs($0 - $1) < 1e-3 })
  }

  @Test func `detail is what the enlarged means lack, and has none of them`() {
    let spline = CellSpline(cells: Grid(width: 8, height: 9), factor: 4)
    let pixels = noise(spline.width * spline.height)
    let detail = spline.detail(pixels)
    #expect(spline.means(detail).allSatisfy { abs($0) < 0.1 })
    #expect(detail.contains { abs($0) > 1000 })
  }
}

extension [Float] {
  /// The surface with its columns in reverse.
  func mirrored(width: Int) -> [Float] {
    stride(from: 0, to: count, by: width).flatMap { self[$0..<$0 + width].reversed() }
  }

  /// The surface with rows and columns exchanged.
  func transposed(width: Int) -> [Float] {
    (0..<width).flatMap { column in (0..<count / width).map { self[$0 * width + column] } }
  }
}
