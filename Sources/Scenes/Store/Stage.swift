/// A step of a run whose results are stored task by task.
public enum Stage: Hashable, Sendable {
  /// Relative heights of the whole scene at low resolution.
  case overview
  /// How the tiles of the overview fit one another.
  case overviewOverlaps
  /// The scale and offset of each overview tile.
  case overviewScales
  /// Relative heights at the working resolution, each tile with its own scale and offset.
  case coarse
  /// How the coarse tiles fit one another and the overview.
  case overlaps
  /// The scale and offset of each coarse tile.
  case scales
  /// The inputs of the refining steps, for joint refinement.
  case conditions
  /// The detail that a step of joint refinement, counted from 1, adds to the coarse map.
  case detail(Int)
  /// The calibrated surface of the coarse tiles, refined with the image.
  case refined
}

extension Stage: RawRepresentable, Codable {
  /// The name of the stage, which is also the name of its folder.
  public var rawValue: String {
    switch self {
    case .overview: "overview"
    case .overviewOverlaps: "overview-overlaps"
    case .overviewScales: "overview-scales"
    case .overlaps: "overlaps"
    case .scales: "scales"
    case .coarse: "coarse"
    case .conditions: "conditions"
    case .detail(let step): "detail-\(step)"
    case .refined: "refined"
    }
  }

  /// Creates a stage from its name; returns nil if there is no such stage.
  public init?(rawValue: String) {
    switch rawValue {
    case "overview": self = .overview
    case "overview-overlaps": self = .overviewOverlaps
    case "overview-scales": self = .overviewScales
    case "overlaps": self = .overlaps
    case "scales": self = .scales
    case "coarse": self = .coarse
    case "conditions": self = .conditions
    case "refined": self = .refined
    default:
      guard rawValue.hasPrefix("detail-"), let step = Int(rawValue.dropFirst(7)), step > 0 else {
        return nil
      }
      self = .detail(step)
    }
  }
}
