/// A problem that was found in a pair or in a list of pairs.
public struct PairFinding: Sendable, Hashable, Codable {
  /// How serious a finding is.
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Informational.
    case note
    /// Something is probably wrong, or will degrade training.
    case warning
    /// The pair cannot be used, or would make results wrong.
    case error

    /// Orders severities from note to error.
    public static func < (a: Severity, b: Severity) -> Bool {
      (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
  }

  /// A stable identifier of the kind of finding, for programs.
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    /// The pair cannot be opened or aligned.
    case unusable
    /// The image and the DEM do not overlap.
    case noOverlap = "no-overlap"
    /// The coordinates are outside the valid range of the CRS.
    case impossiblePlace = "impossible-place"
    /// The CRS is projected but the coordinates look like degrees.
    case degreesAsMeters = "degrees-as-meters"
    /// The raster is far from the CRS's area of use.
    case outsideArea = "outside-area"
    /// The DEM's pixels are much larger than the image's.
    case coarseHeights = "coarse-heights"
    /// Most pixels have no image or no height.
    case mostlyVoid = "mostly-void"
    /// The DEM is shifted relative to the image.
    case shift
    /// The shift between the DEM and the image cannot be determined.
    case shiftUnknown = "shift-unknown"
    /// No azimuth is given; the slopes suggest one.
    case sunFound = "sun-found"
    /// The stated sun azimuth contradicts the lighting of the slopes.
    case sunDisagrees = "sun-disagrees"
    /// The DEM is void or has a single height.
    case constant
    /// Heights are outside the range of heights on Earth.
    case impossibleHeight = "impossible-height"
    /// A frequent extreme value looks like undeclared nodata.
    case hiddenNoData = "hidden-nodata"
    /// An edge of the DEM has a single height.
    case constantEdge = "constant-edge"
    /// Heights are the whole numbers from 0 to 255.
    case byteHeights = "byte-heights"
    /// Heights have only a few evenly spaced levels.
    case terraces
    /// The declared surface (DSM or DTM) contradicts the heights.
    case surfaceDisagrees = "surface-disagrees"
    /// The declared surface (DSM or DTM) cannot be verified.
    case surfaceUnknown = "surface-unknown"
    /// The list mixes DSMs and DTMs, or pairs that declare neither.
    case surfacesMixed = "surfaces-mixed"
    /// The list mixes heights from 0 to 255 with other heights.
    case unitsMixed = "units-mixed"
    /// Pairs of different splits overlap on the ground.
    case splitsOverlap = "splits-overlap"
    /// Images of different splits have identical pixels.
    case sameImagery = "same-imagery"
  }

  /// How serious the finding is.
  public let severity: Severity
  /// The kind of finding.
  public let code: Code
  /// A sentence that says what was found and what was expected.
  public let message: String

  init(_ severity: Severity, _ code: Code, _ message: String) {
    (self.severity, self.code, self.message) = (severity, code, message)
  }
}
