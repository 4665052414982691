import Foundation
import Grids
import Pairs
import Rasters
import Scenes

/// Whether a DEM includes buildings and trees, measured if its pixels are fine enough to resolve them.
struct SurfaceCheck {
  /// The fraction of the area covered by buildings or trees; nil if it cannot be estimated.
  let standing: Double?
  /// The ground sample distance in meters; nil if unknown.
  let gsd: Double?

  /// The coarsest usable pixel size in meters: buildings and trees must span several pixels.
  static let coarsest = 5.0
  /// The side of the opening window in meters, wider than most buildings and tree crowns.
  private static let square = 20.0
  /// The minimum height of an object above the ground, in meters.
  private static let height: Float = 2
  /// A larger fraction occurs on no bare ground, however rough.
  static let many = 0.05
  /// A smaller fraction occurs on no surface with trees or buildings.
  static let few = 0.01

  /// Measures a DEM.
  ///
  /// - Parameters:
  ///   - dem: The DEM; only its first band is read.
  ///   - window: The window to measure.
  /// - Throws: `RasterError` if reading fails.
  init(of dem: borrowing Dataset, _ window: Window) throws {
    gsd = try dem.groundSampleDistance()?.mean
    guard let gsd, gsd <= Self.coarsest else {
      standing = nil
      return
    }
    let radius = max(1, Int((Self.square / 2 / gsd).rounded()))
    let band = dem.bands[0]
    let shares = try PairShift.windows(in: window).compactMap { part in
      MorphologicalOpening.share(
        try dem.heights(in: part), width: part.width, radius: radius,
        above: Self.height / Float(band.scale))
    }
    standing = shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
  }

  init(standing: Double?, gsd: Double?) { (self.standing, self.gsd) = (standing, gsd) }

  func findings(declared: Pair.Surface?) -> [PairFinding] {
    guard let declared else { return [] }
    guard let standing else {
      let why =
        gsd.map { String(format: "pixels of %.3g m are too coarse for houses and trees", $0) }
        ?? "the size of its pixels is unknown"
      return [
        PairFinding(
          .note, .surfaceUnknown,
          "the DEM cannot be verified as a \(declared.rawValue): \(why)")
      ]
    }
    let share = String(format: "on %.1f %% of the area", 100 * standing)
    switch declared {
    case .dtm where standing > Self.many:
      return [
        PairFinding(
          .warning, .surfaceDisagrees,
          "declared as DTM, but objects stand \(share): roofs or crowns, as in a DSM")
      ]
    case .dsm where standing < Self.few:
      return [
        PairFinding(
          .warning, .surfaceDisagrees,
          "declared as DSM, but objects stand \(share) only: a DTM, or terrain without houses and trees"
        )
      ]
    default: return []
    }
  }
}
