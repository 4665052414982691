import Grids
import Rasters

extension ScratchFolder {
  /// The path of a raster in it.
  func raster(_ name: String) -> String { self(name + ".tif") }

  /// Makes a raster window by window: Float32, NaN where there is no value.
  func write(
    _ name: String, on grid: RasterGrid, _ values: (Window) throws -> [Float]
  ) throws -> String {
    let path = raster(name)
    var dataset = try Dataset(
      creating: path, width: grid.grid.width, height: grid.grid.height, bands: 1,
      options: ["TILED": "YES", "BIGTIFF": "IF_SAFER"])
    try dataset.setGeoreferencing(
      Georeferencing(geoTransform: grid.grid.geoTransform, crs: grid.crs))
    try dataset.setNoData(.nan, band: 1)
    for window in grid.grid.window.blocks(side: 512) {
      try Task.checkCancellation()
      let made = try values(window)
      try dataset.write(window, band: 1, made.span)
    }
    try dataset.close()
    return path
  }
}

extension Window {
  /// Windows of at most so many pixels a side that together cover it, row by row.
  func blocks(side: Int) -> [Window] {
    stride(from: row, to: rows.upperBound, by: side).flatMap { row in
      stride(from: column, to: columns.upperBound, by: side).map { column in
        Window(
          column: column, row: row, width: min(side, columns.upperBound - column),
          height: min(side, rows.upperBound - row))
      }
    }
  }

  /// With so many pixels more on each side, as far as they are inside another.
  func padded(columns: Int, rows: Int, inside whole: Window) -> Window {
    Window(
      column: column - columns, row: row - rows, width: width + 2 * columns,
      height: height + 2 * rows
    ).intersection(whole)
  }
}
