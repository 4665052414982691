import Rasters
import Scenes

/// Compares the stated sun azimuth of a pair's image with the lighting of its DEM's slopes.
struct SunCheck {
  /// The azimuth estimated from the slopes, in degrees clockwise from true north, or from the top of an image without
  /// georeferencing; nil if it cannot be estimated.
  let azimuth: Double?
  let findings: [PairFinding]

  /// The largest acceptable difference in degrees; beyond it the image is rotated wrongly, and heights may be inverted.
  private static let maxDifference = 45.0

  /// Compares the azimuths.
  ///
  /// - Parameters:
  ///   - shift: The shift estimate, which includes the direction of the light.
  ///   - image: The image's sun azimuth and orientation.
  ///   - given: The azimuth in the list.
  init(_ shift: PairShift, image: SceneSource.Information, given: Double?) {
    guard shift.doubt == nil else { (azimuth, findings) = (nil, []); return }
    let found =
      image.orientation?.azimuth(ofImage: shift.azimuthInDegrees) ?? shift.azimuthInDegrees
    azimuth = found
    let said = given.map { SunAzimuth(degrees: $0, source: .given) } ?? image.sun
    let whole = Int(found.rounded()) % 360
    guard let said else {
      findings = [
        PairFinding(
          .note, .sunFound,
          "no sun azimuth is given; the slopes suggest \(whole)°: enter it in the column “azimuth”"
        )
      ]
      return
    }
    let difference = abs(said.degrees - found).truncatingRemainder(dividingBy: 360)
    guard min(difference, 360 - difference) > Self.maxDifference else { findings = []; return }
    findings = [
      PairFinding(
        .warning, .sunDisagrees,
        "the slopes are lit from \(whole)°, but the stated sun azimuth is \(said): if the slopes are right, enter "
          + "\(whole) in the column “azimuth”")
    ]
  }
}
