import Grids
import Surfaces
import Testing

@Suite struct CellGridTests {
  @Test(arguments: [(64, 16), (512, 128), (128, 512), (1, 1), (3, 700), (5, 5)])
  func `cells are few, cover the area, and give the centers of a plane`(width: Int, height: Int) {
    let window = Window(column: 7, row: -3, width: width, height: height)
    let cells = CellGrid(over: window)
    #expect(cells.rows * cells.columns <= 256 && cells.rows >= 1 && cells.columns >= 1)
    let place = Window(column: 0, row: -10, width: width + 20, height: height + 20)
    let plane = place.rows.flatMap { row in place.columns.map { Float($0) + 1000 * Float(row) } }
    let medians = cells.medians(of: plane, in: place)
    #expect(medians.count == cells.rows * cells.columns)
    for (cell, median) in medians.enumerated() {
      let row = (median / 1000).rounded()
      let center = (Double(cell / cells.columns) + 0.5) * Double(height) / Double(cells.rows) - 3.5
      // The median is the lower of the two middle samples, so it is off the center by at most a quarter of a cell.
      #expect(abs(Double(row) - center) <= 0.5 + Double(height) / Double(cells.rows) / 4)
    }
  }

  @Test func `a few outliers and gaps do not affect a cell, and a cell without values is a gap`() {
    let window = Window(column: 0, row: 0, width: 16, height: 4)
    var values = [Float](repeating: 5, count: 64)
    for i in [0, 17, 34, 49] { values[i] = 1e6 }
    for i in [4, 21, 38, 54] { values[i] = .nan }
    for row in 0..<4 { for column in 8..<12 { values[16 * row + column] = .nan } }
    let medians = CellGrid(over: window).medians(of: values, in: window)
    #expect(medians[0] == 5 && medians[1] == 5 && medians[2].isNaN && medians[3] == 5)
  }

  @Test func `a surface with larger pixels is sampled at the correct location`() {
    let window = Window(column: 8, row: 0, width: 16, height: 8)
    let coarse = Window(column: 2, row: 0, width: 4, height: 2)  // pixels of 4 × 4
    let values: [Float] = [2, 3, 4, 5, 12, 13, 14, 15]
    let cells = CellGrid(over: window)
    #expect(cells.medians(of: values, in: coarse, pixel: (4, 4)) == values)
  }
}
