import Grids
import Rasters
import Surfaces

/// The worst places of a raster, for a map.
extension SeamAudit {
  /// Below so many pixels with values a tile's edge says nothing.
  private static let fewestPixels = 16

  /// A tile edge with its steps of one kind.
  struct Place {
    let kind: String
    let edge: SeamStatistics.Result.TileEdge
    let steps: StepContrast
    let ratio: Double
  }

  /// The edges with the largest ratio of steps, worst first: so many at most, of all kinds together.
  func worstPlaces(_ count: Int) -> [Place] {
    let places = statistics.edges.flatMap { edge in
      [
        ("height step", edge.height), ("slope step", edge.slope), ("broad step", edge.broad),
      ].compactMap { kind, steps in
        steps.ratio.map { Place(kind: kind, edge: edge, steps: steps, ratio: $0) }
      }
    }
    return Array(
      places.filter { $0.steps.count >= Self.fewestPixels }.sorted { $0.ratio > $1.ratio }
        .prefix(count))
  }

  /// Writes the worst places as the layer `seams` of a GeoPackage, a line for each tile edge, worst first.
  ///
  /// Its fields: `kind` of step, in height, in slope or broad, over the whole overlap; the mean step `on` the line and `off` it, in the raster's unit
  /// (for each pixel, of slopes), and their `ratio`, null where it is infinite; the row and column of the tile, and
  /// whether it `begins` or `ends` there, or one does either. The layer has the raster's CRS. Without a
  /// geotransform there is none: x is the column, y the row downward as a negative number, where a GIS shows such a
  /// raster.
  ///
  /// - Parameters:
  ///   - path: the name of the file, `NAME.gpkg`.
  ///   - count: how many places at most.
  ///   - overwrite: whether a file of that name may be replaced.
  /// - Throws: `RasterError` if the file exists and may not be replaced, or can't be written.
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
