package import Tensors

/// The dimensions of a dense prediction transformer, all of which are stored in the bundle; there are no presets.
public struct CoarseArchitecture: Hashable, Sendable, Codable {
  /// The part of the encoder that turns an image into a map of patches at 1/16 of its size.
  public enum Backbone: Hashable, Sendable {
    /// A residual network followed by a 1 × 1 convolution.
    case hybrid(Hybrid)
    /// A single convolution.
    case plain(Plain)
  }

  /// A convolution with a kernel of `patch` × `patch` pixels and a stride of `patch`.
  public struct Plain: Hashable, Sendable, Codable {
    /// The side of a patch, in pixels.
    public var patch: Int

    /// Creates a plain backbone.
    public init(patch: Int) { self.patch = patch }
  }

  /// A weight-standardized residual network of three stages, the first two of which are tapped.
  public struct Hybrid: Hashable, Sendable, Codable {
    /// The number of channels after the first convolution.
    public var stem: Int
    /// The number of bottleneck blocks of each stage.
    public var depths: [Int]
    /// The number of channels of each stage.
    public var widths: [Int]
    /// The number of groups of each group normalization.
    public var groups: Int
    /// The value that group normalization adds to the variance.
    public var normEpsilon: Double
    /// The value that weight standardization adds to the variance of a filter.
    public var standardizationEpsilon: Double

    /// Creates a hybrid backbone from its dimensions.
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

  /// How the class token contributes to the patches.
  public enum Readout: String, Hashable, Sendable, Codable {
    /// The class token is concatenated to each patch, and the result is projected back to the width of a patch.
    case project
  }

  /// How pixels in 0…255 are transformed into the input of the network.
  public enum Normalization: String, Hashable, Sendable, Codable {
    /// Unchanged.
    case raw255
    /// x / 127.5 − 1, in −1…1.
    case half
  }

  /// The affine transformation of the network's output y: scale · y + offset.
  public struct Output: Hashable, Sendable, Codable {
    /// The factor that the output is multiplied by.
    public var scale: Double
    /// The value that is added to the scaled output.
    public var offset: Double
    /// Where the scale and the offset come from.
    public var origin: String

    /// The identity: the output of the network is used as it is.
    public static let unchanged = Output(scale: 1, offset: 0, origin: "the network's own output")

    /// Creates an affine transformation.
    public init(scale: Double, offset: Double, origin: String) {
      self.scale = scale
      self.offset = offset
      self.origin = origin
    }
  }

  /// The part of the encoder in front of the transformer.
  public var backbone: Backbone
  /// The number of channels of a token.
  public var width: Int
  /// The number of transformer blocks.
  public var depth: Int
  /// The number of attention heads.
  public var heads: Int
  /// The number of channels of the hidden layer of a block's MLP.
  public var hidden: Int
  /// The value that layer normalization adds to the variance.
  public var layerNormEpsilon: Double
  /// The zero-based indices of the tapped transformer blocks: four for a plain backbone, two for a hybrid.
  ///
  /// The first two taps of a hybrid network are stages of its backbone.
  public var hooks: [Int]
  /// The side of the square grid of learned position embeddings.
  public var positionGrid: Int
  /// How the class token contributes to the patches.
  public var readout: Readout
  /// The number of channels of the four taps, at 1/4, 1/8, 1/16 and 1/32 of the image's size.
  public var neck: [Int]
  /// The number of channels of the fused taps.
  public var fusion: Int
  /// The number of channels after the first and the second convolution of the head.
  public var head: [Int]
  /// How pixels in 0…255 are transformed into the input of the network.
  public var normalization: Normalization
  /// The affine transformation of the network's output.
  public var output: Output

  /// Creates an architecture from its dimensions.
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
  /// Returns an image in 0…255 transformed into the input of the network.
  package func applied(to image: Tensor) -> Tensor {
    switch self {
    case .raw255: image
    case .half: Tensor(image.shape, image.scalars.map { ($0 / 255 - 0.5) / 0.5 })
    }
  }
}

extension CoarseArchitecture {
  /// The number that the rows and columns of an image must be multiples of: the smallest map is 1/32 as large.
  public static let sizeMultiple = 32

  /// Checks every value in a manifest that would otherwise trap in arithmetic.
  ///
  /// - Throws: `ModelError` naming the value that is invalid.
  package func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    try check.requireSizes(
      [width, depth, heads, hidden, positionGrid, fusion],
      "coarse [width, depth, heads, hidden, positionGrid, fusion]", count: 6)
    try check.require(width % heads == 0, "coarse.heads", heads, "a divisor of the width, \(width)")
    try check.require(
      layerNormEpsilon > 0, "coarse.layerNormEpsilon", layerNormEpsilon, "a number greater than 0")
    try check.requireSizes(neck, "coarse.neck", count: 4)
    try check.requireSizes(head, "coarse.head", count: 2)
    try check.require(
      hooks.count == (isHybrid ? 2 : 4) && zip(hooks, hooks.dropFirst()).allSatisfy { $0 < $1 }
        && hooks.allSatisfy { 0 <= $0 && $0 < depth },
      "coarse.hooks", hooks, "\(isHybrid ? 2 : 4) increasing block indices below \(depth)")
    try check.require(
      output.scale.isFinite && output.scale != 0 && output.offset.isFinite, "coarse.output",
      "\(output.scale) · y + \(output.offset)", "finite numbers and a nonzero scale")
    switch backbone {
    case .plain(let plain):
      try check.require(plain.patch == 16, "coarse.backbone.plain.patch", plain.patch, "16")
    case .hybrid(let hybrid):
      try check.requireSizes(hybrid.depths, "coarse.backbone.hybrid.depths", count: 3)
      try check.requireSizes(hybrid.widths, "coarse.backbone.hybrid.widths", count: 3)
      try check.require(
        hybrid.normEpsilon > 0 && hybrid.standardizationEpsilon > 0, "coarse.backbone.hybrid",
        "\(hybrid.normEpsilon) and \(hybrid.standardizationEpsilon)", "epsilons greater than 0")
      try check.require(
        hybrid.groups > 0 && (1..<1 << 20).contains(hybrid.stem) && hybrid.stem % hybrid.groups == 0
          && hybrid.widths.allSatisfy { $0 % (4 * hybrid.groups) == 0 },
        "coarse.backbone.hybrid", "stem \(hybrid.stem), widths \(hybrid.widths)",
        "a stem that is a multiple of \(hybrid.groups) groups, and widths that are multiples of 4 times that"
      )
      try check.require(
        Array(neck[..<2]) == Array(hybrid.widths[..<2]), "coarse.neck", neck,
        "the first two to be \(hybrid.widths[..<2]), the widths of the tapped stages")
    }
  }

  /// Whether the backbone is a residual network.
  var isHybrid: Bool { if case .hybrid = backbone { true } else { false } }
}

extension CoarseArchitecture.Backbone: Codable {
  private enum CodingKeys: String, CodingKey { case hybrid, plain }

  /// Decodes a backbone from an object with one key, `hybrid` or `plain`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard container.allKeys.count == 1, let kind = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "expected exactly one of the keys hybrid and plain"))
    }
    self =
      switch kind {
      case .hybrid: .hybrid(try container.decode(CoarseArchitecture.Hybrid.self, forKey: .hybrid))
      case .plain: .plain(try container.decode(CoarseArchitecture.Plain.self, forKey: .plain))
      }
  }

  /// Encodes the backbone as an object with one key, `hybrid` or `plain`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .hybrid(let hybrid): try container.encode(hybrid, forKey: .hybrid)
    case .plain(let plain): try container.encode(plain, forKey: .plain)
    }
  }
}
