import Grids
import Rasters

/// What the doctor found out about one pair.
public struct PairReport: Sendable {
  public let pair: Pair
  public internal(set) var findings: [PairFinding] = []
  /// Nil where the pair can't be opened.
  public internal(set) var shift: PairShift?
  /// Where the sun stood by the light on the DEM's slopes, in degrees clockwise from true north (of an image without a place,
  /// from its top); nil where that can't be told.
  public internal(set) var sunAzimuth: Double?
  /// Pixels of the image that count.
  public internal(set) var width: Int?
  public internal(set) var height: Int?
  /// Metres between pixels; nil where it cannot be known.
  public internal(set) var imageGSD: Double?
  public internal(set) var demGSD: Double?
  /// The share of the ground on which something stands; nil where that can't be told.
  public internal(set) var standing: Double?
  /// How the heights came onto the image's grid.
  public internal(set) var fit: AlignedPair.Fit?
  /// Whether heights are the whole numbers of 0…255.
  public internal(set) var hasByteHeights = false

  /// Of the pair's window.
  var footprint: Footprint?
  /// Of the pixels of an image that doesn't say where it lies, where it was asked for.
  var digest: String?
  var preview: PairPreview?

  init(_ pair: Pair) { self.pair = pair }

  /// The gravest of the findings; nil where there are none.
  public var severity: PairFinding.Severity? { findings.map(\.severity).max() }
}

/// What the doctor found out about a list.
public struct DoctorReport: Sendable {
  /// In the order of the list.
  public let pairs: [PairReport]
  /// About pairs with one another.
  public let findings: [PairFinding]

  /// The gravest of all findings; nil where there are none.
  public var severity: PairFinding.Severity? {
    (findings.map(\.severity) + pairs.compactMap(\.severity)).max()
  }

  /// How many findings there are of a severity.
  public func count(_ severity: PairFinding.Severity) -> Int {
    (findings + pairs.flatMap(\.findings)).count { $0.severity == severity }
  }
}
