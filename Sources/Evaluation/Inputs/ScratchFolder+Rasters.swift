import Files
import Grids
import Rasters

extension ScratchFolder {
  /// Returns the path of a raster in the folder.
  func raster(_ name: String) -> String { self(name + ".tif") }

  /// Writes a raster window by window: Float32, NaN where there is no value.
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
