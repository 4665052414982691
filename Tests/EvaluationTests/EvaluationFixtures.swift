import Foundation
import Grids
import Evaluation
import Reports
import Rasters
import TestSupport

/// The height of endless hills in meters: a sum of waves, defined at every position.
func hills(_ east: Double, _ south: Double) -> Double {
  400 + 90 * sin(east / 700) * cos(south / 900) + 40 * sin(east / 230 + south / 310)
    + 12 * cos(east / 120 - south / 90)
}

/// Writes heights in UTM zone 33, given a function of the distance in meters east and south of a corner.
func heightRaster(
  width: Int, height: Int, gsd: Double = 30, east: Double = 0, south: Double = 0,
  unit: String = "m", crs: String? = "EPSG:32633", tags: [String: String] = [:],
  isPlaced: Bool = true, noData: Double? = nil,
  _ value: (_ east: Double, _ south: Double) -> Double
) throws -> String {
  var values: [Float] = []
  for row in 0..<height {
    for column in 0..<width {
      values.append(
        Float(
          value(east + (Double(column) + 0.5) * gsd, south + (Double(row) + 0.5) * gsd)))
    }
  }
  return try makeRaster(width: width, height: height, bands: [values]) { dataset in
    if isPlaced {
      try dataset.setGeoreferencing(
        Georeferencing(
          geoTransform: GeoTransform([500_000 + east, gsd, 0, 5_000_000 - south, 0, -gsd]),
          crs: try crs.map { try CRS($0) }))
    }
    if !unit.isEmpty { try dataset.setUnit(unit, band: 1) }
    if let noData { try dataset.setNoData(noData, band: 1) }
    if !tags.isEmpty { try dataset.setMetadata(tags) }
  }
}

extension EvaluationRequest {
  /// A request without LPIPS and with few bootstrap rounds.
  static func quick(_ heights: String, _ reference: String) -> EvaluationRequest {
    var request = EvaluationRequest(name: "test", heights: heights, reference: reference)
    request.bootstrap.rounds = 200
    return request
  }
}

extension SiteEvaluation {
  /// Returns a metric of the first surface with a name and fit.
  func figure(
    _ metric: Metric, of name: String = "heights", _ fit: Fit = .none, isCoregistered: Bool = false
  ) -> Double? {
    surfaces.first { $0.name == name && $0.fit == fit && $0.isCoregistered == isCoregistered }?
      .figures[metric]?.value
  }
}
