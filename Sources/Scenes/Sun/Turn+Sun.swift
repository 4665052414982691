import Grids
public import Tensors

extension Turn {
  /// The symmetry of the square that brings the sun into a range, or as near to it as any.
  ///
  /// Into 135° to 180°, an eighth of the circle, any sun is brought by exactly one; by two where it stands on the range's
  /// edge, of which the first in the order of `Turn.all` is taken, so that what is there already stays as it is.
  ///
  /// - Parameters:
  ///   - azimuth: Where the sun stands, in degrees clockwise from the top of the image.
  ///   - range: Where it should stand, likewise.
  public init(bringing azimuth: Double, into range: ClosedRange<Double>) {
    let distances = Turn.all.map { turn -> Double in
      let turned = turn.azimuth(azimuth)
      guard !range.contains(turned) else { return 0 }
      return [range.lowerBound, range.upperBound].map { edge in
        let apart = abs(edge - turned)
        return min(apart, 360 - apart)
      }.min() ?? 0
    }
    let nearest = distances.min() ?? 0
    // Of a degree: what rounding makes of a sun on the range's edge.
    self = zip(Turn.all, distances).first { $0.1 <= nearest + 1e-9 }?.0 ?? .identity
  }

  /// A direction in the image, clockwise from its top in degrees of 0 to 360, after the turn.
  public func azimuth(_ degrees: Double) -> Double {
    var result = degrees
    if reversesRows { result = 180 - result }
    if reversesColumns { result = 360 - result }
    if swapsAxes { result = 270 - result }
    let rest = result.truncatingRemainder(dividingBy: 360)
    return rest < 0 ? rest + 360 : rest
  }
}
