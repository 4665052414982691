import Grids
public import Pairs
import Rasters

/// The findings and measurements of one pair.
public struct PairReport: Sendable {
  /// The pair that was examined.
  public let pair: Pair
  /// The problems that were found.
  public internal(set) var findings: [PairFinding] = []
  /// The estimated shift of the DEM; nil if the pair cannot be opened or is misplaced.
  public internal(set) var shift: PairShift?
  /// The sun azimuth estimated from the lighting of the DEM's slopes, in degrees clockwise from true north (from the
  /// top of an image without georeferencing); nil if it cannot be estimated.
  public internal(set) var sunAzimuth: Double?
  /// Columns of the examined window of the image.
  public internal(set) var width: Int?
  /// Rows of the examined window of the image.
  public internal(set) var height: Int?
  /// The ground sample distance of the image in meters; nil if unknown.
  public internal(set) var imageGSD: Double?
  /// The ground sample distance of the DEM in meters; nil if unknown.
  public internal(set) var demGSD: Double?
  /// The fraction of the area covered by buildings or trees; nil if it cannot be estimated.
  public internal(set) var standing: Double?
  /// How the heights were brought to the image's grid.
  public internal(set) var fit: AlignedPair.Fit?
  /// Whether heights are the whole numbers from 0 to 255.
  public internal(set) var hasByteHeights = false

  /// The location of the pair's window.
  var footprint: Footprint?
  /// A digest of the pixels, only for an image without georeferencing and only on request.
  var digest: String?
  var preview: PairPreview?

  init(_ pair: Pair) { self.pair = pair }

  /// The highest severity of the findings; nil if there are none.
  public var severity: PairFinding.Severity? { findings.map(\.severity).max() }
}

/// The findings of all pairs of a list.
public struct DoctorReport: Sendable {
  /// One report for each pair, in the order of the list.
  public let pairs: [PairReport]
  /// Findings that concern several pairs.
  public let findings: [PairFinding]

  /// The highest severity of all findings; nil if there are none.
  public var severity: PairFinding.Severity? {
    (findings.map(\.severity) + pairs.compactMap(\.severity)).max()
  }

  /// Returns the number of findings of a severity.
  public func count(_ severity: PairFinding.Severity) -> Int {
    (findings + pairs.flatMap(\.findings)).count { $0.severity == severity }
  }
}
