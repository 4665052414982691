/// What is odd about a pair, or about a list of pairs.
public struct PairFinding: Sendable, Hashable, Codable {
  public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Worth knowing.
    case note
    /// Something is probably wrong, or will make training worse.
    case warning
    /// It can't be used, or would make what comes out of it wrong.
    case error

    public static func < (a: Severity, b: Severity) -> Bool {
      (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
    }
  }

  /// What is found, for programs.
  public enum Code: String, Sendable, Hashable, Codable, CaseIterable {
    case unusable
    case noOverlap = "no-overlap"
    case impossiblePlace = "impossible-place"
    case degreesAsMetres = "degrees-as-metres"
    case outsideArea = "outside-area"
    case coarseHeights = "coarse-heights"
    case mostlyVoid = "mostly-void"
    case shift
    case shiftUnknown = "shift-unknown"
    case sunFound = "sun-found"
    case sunDisagrees = "sun-disagrees"
    case constant
    case impossibleHeight = "impossible-height"
    case hiddenNoData = "hidden-nodata"
    case constantEdge = "constant-edge"
    case byteHeights = "byte-heights"
    case terraces
    case surfaceDisagrees = "surface-disagrees"
    case surfaceUnknown = "surface-unknown"
    case surfacesMixed = "surfaces-mixed"
    case unitsMixed = "units-mixed"
    case splitsOverlap = "splits-overlap"
    case sameImagery = "same-imagery"
  }

  public let severity: Severity
  public let code: Code
  /// A sentence: what was found, and what was expected.
  public let message: String

  init(_ severity: Severity, _ code: Code, _ message: String) {
    (self.severity, self.code, self.message) = (severity, code, message)
  }
}
