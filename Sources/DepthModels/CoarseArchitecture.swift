package import Tensors

/// The sizes of a dense prediction transformer, all of which a bundle states: there are no presets.
public struct CoarseArchitecture: Hashable, Sendable, Codable {
  /// How an image becomes a sixteenth-size map of patches.
  public enum Backbone: Hashable, Sendable {
    case hybrid(Hybrid)
    case plain(Plain)
  }

  /// One convolution of `patch` × `patch` pixels, as far apart.
  public struct Plain: Hashable, Sendable, Codable {
    public var patch: Int

    public init(patch: Int) { self.patch = patch }
  }

  /// A weight-standardised residual network of three stages, the first two of which are tapped.
  public struct Hybrid: Hashable, Sendable, Codable {
    /// The channels after the first convolution.
    public var stem: Int
    /// The bottlenecks of each stage.
    public var depths: [Int]
    /// The channels of each stage.
    public var widths: [Int]
    /// Of the group normalisations.
    public var groups: Int
    /// Added to the variance of a group.
    public var normEpsilon: Double
    /// Added to the variance of a filter.
    public var standardizationEpsilon: Double

    public init(
      stem: Int, depths: [Int], widths: [Int], groups: Int, normEpsilon: Double,
      standardizationEpsilon: Double
    ) {
      self.stem = stem
      self.depths = depths
      self.widths = widths
      self.groups = groups
      self.normEpsilon = normEpsilon
      self.standardizationEpsilon = standardizationEpsilon
    }
  }

  /// What the class token contributes to the patches.
  public enum Readout: String, Hashable, Sendable, Codable {
    /// It is concatenated to each patch and projected back.
    case project
  }

  /// What is done to pixels of 0…255 before the network sees them.
  public enum Normalization: String, Hashable, Sendable, Codable {
    /// Nothing.
    case raw255
    /// x / 127.5 − 1.
    case half
  }

  /// What is done to the network's output: scale · y + offset.
  public struct Output: Hashable, Sendable, Codable {
    public var scale: Double
    public var offset: Double
    /// Why these numbers.
    public var origin: String

    public static let unchanged = Output(scale: 1, offset: 0, origin: "the network's own output")

    public init(scale: Double, offset: Double, origin: String) {
      self.scale = scale
      self.offset = offset
      self.origin = origin
    }
  }

  public var backbone: Backbone
  /// The channels of a token.
  public var width: Int
  /// The number of transformer blocks.
  public var depth: Int
  public var heads: Int
  /// The channels inside a block's perceptron.
  public var hidden: Int
  public var layerNormEpsilon: Double
  /// The blocks, from 0, whose outputs are tapped: four of a plain network, the last two taps of a hybrid.
  public var hooks: [Int]
  /// The side of the square of learned positions.
  public var positionGrid: Int
  public var readout: Readout
  /// The channels of the four taps, at 1/4, 1/8, 1/16 and 1/32 of the image's size.
  public var neck: [Int]
  /// The channels in which the taps are fused.
  public var fusion: Int
  /// The channels after the first two convolutions of the head.
  public var head: [Int]
  public var normalization: Normalization
  public var output: Output

  public init(
    backbone: Backbone, width: Int, depth: Int, heads: Int, hidden: Int, layerNormEpsilon: Double,
    hooks: [Int], positionGrid: Int, readout: Readout = .project, neck: [Int], fusion: Int,
    head: [Int], normalization: Normalization, output: Output = .unchanged
  ) {
    self.backbone = backbone
    self.width = width
    self.depth = depth
    self.heads = heads
    self.hidden = hidden
    self.layerNormEpsilon = layerNormEpsilon
    self.hooks = hooks
    self.positionGrid = positionGrid
    self.readout = readout
    self.neck = neck
    self.fusion = fusion
    self.head = head
    self.normalization = normalization
    self.output = output
  }
}

extension CoarseArchitecture.Normalization {
  /// An image of 0…255 as the network sees it.
  package func applied(to image: Tensor) -> Tensor {
    switch self {
    case .raw255: image
    case .half: Tensor(image.shape, image.scalars.map { ($0 / 255 - 0.5) / 0.5 })
    }
  }
}

extension CoarseArchitecture {
  /// Rows and columns of an image must be multiples of it: the smallest map is 1/32 as large.
  public static let sizeMultiple = 32

  /// Checks what a manifest could get wrong and arithmetic would trap on.
  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try check.requireSizes(
      [width, depth, heads, hidden, positionGrid, fusion],
      "coarse [width, depth, heads, hidden, positionGrid, fusion]", count: 6)
    try check.require(width % heads == 0, "coarse.heads", heads, "a divisor of the width, \(width)")
    try check.require(layerNormEpsilon > 0, "coarse.layerNormEpsilon", layerNormEpsilon, "above 0")
    try check.requireSizes(neck, "coarse.neck", count: 4)
    try check.requireSizes(head, "coarse.head", count: 2)
    try check.require(
      hooks.count == (isHybrid ? 2 : 4) && zip(hooks, hooks.dropFirst()).allSatisfy { $0 < $1 }
        && hooks.allSatisfy { 0 <= $0 && $0 < depth },
      "coarse.hooks", hooks, "\(isHybrid ? 2 : 4) rising block numbers below \(depth)")
    try check.require(
      output.scale.isFinite && output.scale != 0 && output.offset.isFinite, "coarse.output",
      "\(output.scale) · y + \(output.offset)", "finite numbers and a scale that is not 0")
    switch backbone {
    case .plain(let plain):
      try check.require(plain.patch == 16, "coarse.backbone.plain.patch", plain.patch, "16")
    case .hybrid(let hybrid):
      try check.requireSizes(hybrid.depths, "coarse.backbone.hybrid.depths", count: 3)
      try check.requireSizes(hybrid.widths, "coarse.backbone.hybrid.widths", count: 3)
      try check.require(
        hybrid.normEpsilon > 0 && hybrid.standardizationEpsilon > 0, "coarse.backbone.hybrid",
        "\(hybrid.normEpsilon) and \(hybrid.standardizationEpsilon)", "epsilons above 0")
      try check.require(
        hybrid.groups > 0 && (1..<1 << 20).contains(hybrid.stem) && hybrid.stem % hybrid.groups == 0
          && hybrid.widths.allSatisfy { $0 % (4 * hybrid.groups) == 0 },
        "coarse.backbone.hybrid", "stem \(hybrid.stem), widths \(hybrid.widths)",
        "multiples of \(hybrid.groups) groups, the widths four times")
      try check.require(
        Array(neck[..<2]) == Array(hybrid.widths[..<2]), "coarse.neck", neck,
        "to begin with \(hybrid.widths[..<2]), the tapped stages")
    }
  }

  var isHybrid: Bool { if case .hybrid = backbone { true } else { false } }
}

extension CoarseArchitecture.Backbone: Codable {
  private enum CodingKeys: String, CodingKey { case hybrid, plain }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard container.allKeys.count == 1, let kind = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "expected either hybrid or plain"))
    }
    self =
      switch kind {
      case .hybrid: .hybrid(try container.decode(CoarseArchitecture.Hybrid.self, forKey: .hybrid))
      case .plain: .plain(try container.decode(CoarseArchitecture.Plain.self, forKey: .plain))
      }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .hybrid(let hybrid): try container.encode(hybrid, forKey: .hybrid)
    case .plain(let plain): try container.encode(plain, forKey: .plain)
    }
  }
}
