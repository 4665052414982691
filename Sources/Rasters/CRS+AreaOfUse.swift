import CGDAL

extension CRS {
  /// Where the system is meant to be used, in degrees of longitude and latitude; nil where its definition does not say.
  public var areaOfUse: Bounds? {
    withHandle { handle in
      var (west, south, east, north) = (0.0, 0.0, 0.0, 0.0)
      let (isKnown, _) = logging {
        OSRGetAreaOfUse(handle, &west, &south, &east, &north, nil)
      }
      // PROJ's way of saying none is −1000.
      guard isKnown != 0, west > -1000 else { return nil }
      return Bounds(minX: west, minY: south, maxX: east, maxY: north)
    }
  }
}
