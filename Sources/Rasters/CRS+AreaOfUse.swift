import CGDAL

extension CRS {
  /// The area of use of the system, in degrees of longitude and latitude; nil if the definition does not specify one.
  public var areaOfUse: Bounds? {
    withHandle { handle in
      var (west, south, east, north) = (0.0, 0.0, 0.0, 0.0)
      let (isKnown, _) = logging {
        OSRGetAreaOfUse(handle, &west, &south, &east, &north, nil)
      }
      // PROJ returns −1000 if there is none.
      guard isKnown != 0, west > -1000 else { return nil }
      return Bounds(minX: west, minY: south, maxX: east, maxY: north)
    }
  }
}
