import Foundation
import Grids
import Rasters
import Scenes

/// Whether a DEM shows roofs and crowns, measured where its pixels are fine enough for these.
struct SurfaceCheck {
  /// The share of the ground on which something stands; nil where it can't be told.
  let standing: Double?
  /// In metres.
  let gsd: Double?

  /// Houses and trees have several pixels.
  static let coarsest = 5.0
  /// A square wider than most houses and crowns, in metres.
  private static let square = 20.0
  private static let height: Float = 2
  /// More than this stands on no bare ground, however rough; less is on no surface with trees or houses.
  static let many = 0.05
  static let few = 0.01

  /// - Parameters:
  ///   - dem: Its first band counts.
  ///   - window: The part that counts.
  /// - Throws: `RasterError` when reading fails.
  init(of dem: borrowing Dataset, _ window: Window) throws {
    gsd = try dem.groundSampleDistance()?.mean
    guard let gsd, gsd <= Self.coarsest else {
      standing = nil
      return
    }
    let radius = max(1, Int((Self.square / 2 / gsd).rounded()))
    let band = dem.bands[0]
    let shares = try PairShift.windows(in: window).compactMap { part in
      GroundOpening.share(
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
        ?? "nothing says how large its pixels are"
      return [
        PairFinding(
          .note, .surfaceUnknown,
          "whether the DEM is a \(declared.rawValue) can't be told: \(why)")
      ]
    }
    let share = String(format: "on %.1f %% of the ground", 100 * standing)
    switch declared {
    case .dtm where standing > Self.many:
      return [
        PairFinding(
          .warning, .surfaceDisagrees,
          "declared as DTM, and something stands \(share): roofs or crowns, as in a DSM")
      ]
    case .dsm where standing < Self.few:
      return [
        PairFinding(
          .warning, .surfaceDisagrees,
          "declared as DSM, and something stands \(share) only: a DTM, or land without houses and trees"
        )
      ]
    default: return []
    }
  }
}
