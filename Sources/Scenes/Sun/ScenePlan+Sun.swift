import Rasters
package import Tensors

extension SceneOptions {
  /// The sun azimuth given by the user; nil if none is given.
  ///
  /// - Throws: `SceneError` if the value is not a valid azimuth.
  var sun: SunAzimuth? {
    get throws {
      guard let sunAzimuth else { return nil }
      guard sunAzimuth.isFinite, abs(sunAzimuth) <= 360 else {
        throw SceneError(
          .usage,
          "the sun azimuth is \(sunAzimuth)°, expected degrees clockwise from north, 0 to 360")
      }
      return SunAzimuth(degrees: sunAzimuth, source: .given)
    }
  }
}

extension SceneSource.Information {
  /// Returns the symmetry that brings the sun into a range of azimuths, measured clockwise from the top of the image;
  /// the identity if the sun azimuth is unknown.
  ///
  /// In an image without georeferencing, north is assumed to be at the top.
  package func turn(of sun: SunAzimuth?, into range: ClosedRange<Double>) -> SquareSymmetry {
    guard let sun else { return .identity }
    let azimuth = orientation.map { $0.imageAzimuth(of: sun.degrees) } ?? sun.degrees
    return azimuth.map { SquareSymmetry(bringing: $0, into: range) } ?? .identity
  }
}
