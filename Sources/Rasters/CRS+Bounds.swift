import CGDAL

extension CRS {
  /// The bounds, in this system, of a rectangle in another.
  ///
  /// Edges are followed at 21 points each, for straight lines there are curves here. Ballpark transformations, which
  /// ignore a change of datum, are forbidden.
  ///
  /// - Throws: `.missingResource` when there is no transformation (or none without a grid that is not installed),
  ///   `.badData` when a part of the rectangle has no place in this system.
  public func bounds(of rectangle: Bounds, from source: CRS) throws(RasterError) -> Bounds {
    let subject = "from \(source.name) to \(name)"
    var result = Bounds(minX: 0, minY: 0, maxX: 0, maxY: 0)
    let outcome: Result<Void, RasterError> = source.withHandle { from in
      withHandle { to in
        let options = OCTNewCoordinateTransformationOptions()
        defer { OCTDestroyCoordinateTransformationOptions(options) }
        OCTCoordinateTransformationOptionsSetBallparkAllowed(options, 0)
        let (made, why) = logging { OCTNewCoordinateTransformationEx(from, to, options) }
        guard let transformation = made else {
          return .failure(
            RasterError(
              .missingResource, "no transformation \(subject) (is a PROJ grid missing?)",
              earlier: why.failures.map(\.message)))
        }
        defer { OCTDestroyCoordinateTransformation(transformation) }
        let (succeeded, log) = logging {
          OCTTransformBounds(
            transformation, rectangle.minX, rectangle.minY, rectangle.maxX, rectangle.maxY,
            &result.minX, &result.minY, &result.maxX, &result.maxY, 21)
        }
        guard succeeded != 0, log.failures.isEmpty else {
          return .failure(RasterError(.reading, "\(rectangle) \(subject)", log))
        }
        return .success(())
      }
    }
    try outcome.get()
    return result
  }
}
