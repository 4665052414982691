import CGDAL

extension CRS {
  /// Returns the bounds, in this system, of a rectangle in another system.
  ///
  /// Each edge is sampled at 21 points, because straight edges may become curves. Ballpark transformations, which
  /// ignore a change of datum, are disabled.
  ///
  /// - Throws: `.missingResource` if there is no transformation (or only one that needs a grid that is not installed),
  ///   `.badData` if a part of the rectangle cannot be represented in this system.
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
              .missingResource,
              "PROJ has no transformation \(subject); a transformation grid may be missing",
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
