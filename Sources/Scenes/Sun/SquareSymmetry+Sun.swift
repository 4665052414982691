import Grids
public import Tensors

extension SquareSymmetry {
  /// Creates the symmetry of the square that brings the sun into a range of azimuths, or as close to it as possible.
  ///
  /// For the range 135° to 180°, an eighth of the circle, exactly one symmetry fits each azimuth. Two fit if the
  /// azimuth is brought to an edge of the range; then the first one in the order of `SquareSymmetry.all` is used, so that an
  /// azimuth that is in the range already is not changed.
  ///
  /// - Parameters:
  ///   - azimuth: The sun azimuth, in degrees clockwise from the top of the image.
  ///   - range: The required azimuths, measured in the same way.
  public init(bringing azimuth: Double, into range: ClosedRange<Double>) {
    let distances = SquareSymmetry.all.map { turn -> Double in
      let turned = turn.azimuth(azimuth)
      guard !range.contains(turned) else { return 0 }
      return [range.lowerBound, range.upperBound].map { edge in
        let apart = abs(edge - turned)
        return min(apart, 360 - apart)
      }.min() ?? 0
    }
    let nearest = distances.min() ?? 0
    // The tolerance, in degrees, covers rounding of an azimuth at the edge of the range.
    self = zip(SquareSymmetry.all, distances).first { $0.1 <= nearest + 1e-9 }?.0 ?? .identity
  }

  /// Returns a direction in the image after the turn, in degrees clockwise from its top, 0 to 360.
  public func azimuth(_ degrees: Double) -> Double {
    var result = degrees
    if reversesRows { result = 180 - result }
    if reversesColumns { result = 360 - result }
    if swapsAxes { result = 270 - result }
    let rest = result.truncatingRemainder(dividingBy: 360)
    return rest < 0 ? rest + 360 : rest
  }
}
