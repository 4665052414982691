/// The name of a stage, which is also the name of its folder in a store.
public struct StageName: RawRepresentable, Hashable, Sendable, Codable {
  /// The name as text.
  public let rawValue: String

  /// Creates a name from its text.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Which pixels of the scene are valid.
  public static let validity = StageName(rawValue: "validity")
  /// Relative heights of the whole scene at low resolution.
  public static let overview = StageName(rawValue: "overview")
  /// How the tiles of the overview fit one another.
  public static let overviewOverlaps = StageName(rawValue: "overview-overlaps")
  /// The scale and offset of each overview tile.
  public static let overviewScales = StageName(rawValue: "overview-scales")
  /// Relative heights at the working resolution, each tile with its own scale and offset.
  public static let coarse = StageName(rawValue: "coarse")
  /// How the coarse tiles fit one another and the overview.
  public static let overlaps = StageName(rawValue: "overlaps")
  /// The scale and offset of each coarse tile.
  public static let scales = StageName(rawValue: "scales")
  /// The inputs of the refining steps, for joint refinement.
  public static let conditions = StageName(rawValue: "conditions")
  /// The detail that a step of joint refinement, counted from 1, adds to the coarse map.
  public static func detail(_ step: Int) -> StageName { StageName(rawValue: "detail-\(step)") }
  /// The calibrated surface of the coarse tiles, refined with the image.
  public static let refined = StageName(rawValue: "refined")
  /// The heights of a reference, and the means of what shows detail, on cells.
  public static let anchorCells = StageName(rawValue: "anchor-cells")
  /// How strongly detail is added to the reference.
  public static let anchorGains = StageName(rawValue: "anchor-gains")
  /// Heights in meters.
  public static let anchor = StageName(rawValue: "anchor")
  /// The rows of the output, blended from the tiles.
  public static let merge = StageName(rawValue: "merge")
}
