import Rasters
package import Tensors

extension SceneOptions {
  /// What the user says of the sun; nil where that is nothing.
  ///
  /// - Throws: `SceneError` for what is no azimuth.
  var sun: SunAzimuth? {
    get throws {
      guard let sunAzimuth else { return nil }
      guard sunAzimuth.isFinite, abs(sunAzimuth) <= 360 else {
        throw SceneError(
          .usage,
          "a sun's azimuth of \(sunAzimuth)°, expected degrees clockwise from north, 0 to 360")
      }
      return SunAzimuth(degrees: sunAzimuth, source: .given)
    }
  }
}

extension SceneSource.Information {
  /// What brings the sun into a range of azimuths, counted clockwise from the top of the image; the identity where nothing
  /// tells where it stood.
  ///
  /// An image without a place is taken to lie with north at its top.
  package func turn(of sun: SunAzimuth?, into range: ClosedRange<Double>) -> Turn {
    guard let sun else { return .identity }
    let azimuth = orientation.map { $0.imageAzimuth(of: sun.degrees) } ?? sun.degrees
    return azimuth.map { Turn(bringing: $0, into: range) } ?? .identity
  }
}
