import Grids
import Rasters
import Surfaces

/// The worst tile edges of a raster, as a map layer.
extension SeamAudit {
  /// The minimum number of pixels with heights for a tile edge to be listed.
  private static let minimumPixels = 16

  /// A tile edge and its steps of one kind.
  struct Place {
    let kind: String
    let edge: SeamStatistics.Result.TileEdge
    let steps: StepContrast
    let ratio: Double
  }

  /// Returns at most `count` edges with the largest step ratios of all kinds, in descending order.
  func worstPlaces(_ count: Int) -> [Place] {
    let places = statistics.edges.flatMap { edge in
      [
        ("height step", edge.height), ("slope step", edge.slope), ("broad step", edge.broad),
      ].compactMap { kind, steps in
        steps.ratio.map { Place(kind: kind, edge: edge, steps: steps, ratio: $0) }
      }
    }
    return Array(
      places.filter { $0.steps.count >= Self.minimumPixels }.sorted { $0.ratio > $1.ratio }
        .prefix(count))
  }

  /// Writes the worst tile edges to the layer `seams` of a GeoPackage, one line feature per edge, worst first.
  ///
  /// The fields are:
  ///
  /// - `kind`: the kind of step: in height, in slope, or broad (over the whole overlap)
  /// - `on`, `off`: the mean step on the line and near it, in the raster's unit (for slopes, per pixel)
  /// - `ratio`: their ratio; null if infinite
  /// - `tile_row`, `tile_column`: the tile
  /// - `edge`: whether the tile `begins` or `ends` at the line, or `both`, if one tile ends and another begins there
  ///
  /// The layer has the raster's CRS. For a raster without a geotransform, it has no CRS: x is the column, and y is the
  /// negative row, which is where a GIS shows such a raster.
  ///
  /// - Parameters:
  ///   - path: The path of the file, `NAME.gpkg`.
  ///   - count: The maximum number of edges.
  ///   - overwrite: Whether an existing file may be replaced.
  /// - Throws: `RasterError` if the file exists and must not be replaced, or cannot be written.
  public func writePlaces(to path: String, count: Int = 100, overwrite: Bool = false) throws {
    let georeferencing = try Dataset(reading: self.path).georeferencing
    let pixels = GeoTransform([0, 1, 0, 0, 0, -1])
    let lines = worstPlaces(count).map { place in
      let window = place.edge.line
      func map(_ column: Int, _ row: Int) -> (x: Double, y: Double) {
        (georeferencing.geoTransform ?? pixels).map(column: Double(column), row: Double(row))
      }
      return GeoPackage.Line(
        from: map(window.column, window.row),
        to: map(window.columns.upperBound, window.rows.upperBound),
        [
          .text(place.kind), .text(place.edge.edge.rawValue), .integer(place.edge.tile.row),
          .integer(place.edge.tile.column), .real(place.steps.on ?? 0), .real(place.steps.off ?? 0),
          place.ratio.isFinite ? .real(place.ratio) : .null,
        ])
    }
    try GeoPackage.write(
      lines,
      fields: [
        ("kind", .text("")), ("edge", .text("")), ("tile_row", .integer(0)),
        ("tile_column", .integer(0)), ("on", .real(0)), ("off", .real(0)), ("ratio", .real(0)),
      ],
      layer: "seams", crs: georeferencing.geoTransform == nil ? nil : georeferencing.crs, to: path,
      overwrite: overwrite)
  }
}
