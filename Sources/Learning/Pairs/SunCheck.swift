import Rasters
import Scenes

/// Compares the sun that a pair's image is said to have with the light on its DEM's slopes.
struct SunCheck {
  /// By the slopes, in degrees clockwise from true north, or from the top of an image without a place; nil where they do not
  /// tell.
  let azimuth: Double?
  let findings: [PairFinding]

  /// As far off, a sun asks for another turn, and heights may come out upside down.
  private static let farthest = 45.0

  /// - Parameters:
  ///   - shift: Found with the direction of the light.
  ///   - image: Says where the sun stood, and how the image lies.
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
          "nothing says where the sun stood; by the slopes at \(whole)°: the column “azimuth” takes that"
        )
      ]
      return
    }
    let apart = abs(said.degrees - found).truncatingRemainder(dividingBy: 360)
    guard min(apart, 360 - apart) > Self.farthest else { findings = []; return }
    findings = [
      PairFinding(
        .warning, .sunDisagrees,
        "the slopes are lit from \(whole)°, and the sun is said to have stood at \(said): the column “azimuth” "
          + "takes \(whole)")
    ]
  }
}
