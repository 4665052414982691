package import Tensors

/// A dense prediction transformer: an encoder that is tapped at four depths, and a decoder that fuses the taps.
///
/// The taps are fused from coarse to fine. Source: Ranftl et al., "Vision Transformers for Dense Prediction",
/// arXiv:2103.13413. Tensors have the names used there (`pretrained.…`, `scratch.…`).
package struct DPT: Sendable {
  private let encoder: VisionTransformer
  private let reassemblies: [Reassembly]
  private let projections: [Convolution]
  /// The fusion blocks, from the coarsest to the finest.
  private let fusions: [Fusion]
  private let head: [Convolution]

  /// Builds the network from the tensors that it requests from `weights`.
  package init(_ weights: Weights, _ sizes: CoarseArchitecture) throws {
    let (pretrained, scratch) = (weights["pretrained"], weights["scratch"])
    encoder = try VisionTransformer(pretrained["model"], sizes)
    reassemblies = try (0..<4).map { tap in
      sizes.isHybrid && tap < 2
        ? .identity
        : try Reassembly(
          pretrained["act_postprocess\(tap + 1)"], tap: tap, width: sizes.width,
          outputs: sizes.neck[tap])
    }
    projections = try (0..<4).map {
      try Convolution(
        scratch["layer\($0 + 1)_rn"], inputs: sizes.neck[$0], outputs: sizes.fusion, size: 3,
        hasBias: false)
    }
    fusions = try (1...4).reversed().map {
      try Fusion(scratch["refinenet\($0)"], channels: sizes.fusion, hasSkip: $0 < 4)
    }
    let outputs = scratch["output_conv"]
    head = [
      try Convolution(outputs[0], inputs: sizes.fusion, outputs: sizes.head[0], size: 3),
      try Convolution(outputs[2], inputs: sizes.head[0], outputs: sizes.head[1], size: 3),
      try Convolution(outputs[4], inputs: sizes.head[1], outputs: 1, size: 1),
    ]
  }

  /// Runs the network, whose output is nonnegative.
  ///
  /// - Parameters:
  ///   - image: `[1, row, column, 3]`, normalized, with rows and columns that are multiples of 32.
  ///   - observe: Called with `layer1`…`layer4` and `path4`…`path1` as they are computed.
  /// - Returns: `[1, row, column, 1]`.
  package func callAsFunction(
    _ image: Tensor, observe: (String, Tensor) -> Void = { _, _ in }
  ) -> Tensor {
    let (_, rows, columns, _) = image.shape.image
    var taps: [Tensor] = []
    encoder(image) { tap in
      let index = taps.count
      let layer = reassemblies[index](tap, rows: rows / 16, columns: columns / 16)
      observe("layer\(index + 1)", layer)
      taps.append(projections[index](layer))
    }
    var path: Tensor?
    for fusion in fusions {
      let inputs = [taps.removeLast()] + (path.map { [$0] } ?? [])
      path = nil
      path = Gradients.block(inputs) { fusion($0.count > 1 ? $0[1] : nil, $0[0]) }
      if let path { observe("path\(taps.count + 1)", path) }
    }
    guard let finest = path.take() else { preconditionFailure("expected four taps to fuse") }
    return depth(of: consume finest, rows: rows, columns: columns)
  }

  private func depth(of path: consuming Tensor, rows: Int, columns: Int) -> Tensor {
    // One variable, so that each step releases its input before the next: memory use peaks here.
    var x = head[0](consume path)
    x = x.resampled(rows: rows, columns: columns, aligning: .cornerCenters)
    x = head[1](x, activation: .relu)
    return head[2](x, activation: .relu)
  }
}

/// Converts a tap into a feature map at 1/4, 1/8, 1/16 or 1/32 of the image's size.
enum Reassembly: Sendable {
  /// Returns a map of the backbone unchanged.
  case identity
  /// Merges the class token into the tokens, projects them, and resizes the map.
  case tokens(Readout, projection: Convolution, resize: Resize)

  /// The change of size after the projection.
  enum Resize: Sendable {
    case none
    case upsample(PatchUpsampling)
    case downsample(Convolution)
  }

  init(_ weights: Weights, tap: Int, width: Int, outputs: Int) throws {
    let resize: Resize =
      switch tap {
      case 0: .upsample(try PatchUpsampling(weights[4], channels: outputs, factor: 4))
      case 1: .upsample(try PatchUpsampling(weights[4], channels: outputs, factor: 2))
      case 2: .none
      default:
        .downsample(
          try Convolution(weights[4], inputs: outputs, outputs: outputs, size: 3, stride: 2))
      }
    self = .tokens(
      try Readout(weights[0]["project"][0], width: width),
      projection: try Convolution(weights[3], inputs: width, outputs: outputs, size: 1),
      resize: resize)
  }

  func callAsFunction(_ tap: VisionTransformer.Tap, rows: Int, columns: Int) -> Tensor {
    switch (self, tap) {
    case (.identity, .map(let map)): return map
    case (.tokens(let readout, let projection, let resize), .tokens(let tokens)):
      let map = projection(readout(tokens, rows: rows, columns: columns))
      switch resize {
      case .none: return map
      case .upsample(let upsampling): return upsampling(map)
      case .downsample(let convolution): return convolution(map)
      }
    default: preconditionFailure("the kind of a tap does not match its reassembly")
    }
  }
}

/// The readout projection: gelu(W · [patch, class token] + b) for each patch.
///
/// The class token's half of the product is the same for all patches, so it is computed once and used as their bias.
struct Readout: Sendable {
  private let patchHalf: PackedWeights
  private let classHalf: Linear

  init(_ weights: Weights, width: Int) throws {
    let matrix = try weights.tensor("weight", [width, 2 * width]).transposed()
    let half = width * width
    patchHalf = PackedWeights(matrix.elements(0..<half, [width, width]))
    classHalf = Linear(
      matrix: matrix.elements(half..<2 * half, [width, width]),
      bias: try weights.tensor("bias", [width]))
  }

  /// Maps tokens `[1, 1 + row · column, width]` to patches `[1, row, column, width]`.
  func callAsFunction(_ tokens: Tensor, rows: Int, columns: Int) -> Tensor {
    let width = tokens.shape.channels
    let classToken = tokens.elements(0..<width, [1, width])
    let patches = tokens.elements(width..<tokens.shape.count, [1, rows, columns, width])
    return patches.product(
      patchHalf, bias: classHalf(classToken).reshaped([width]), activation: .gelu)
  }
}

/// A fusion block, which adds a tap to the coarser path, refines the sum and doubles its size.
///
/// Source: RefineNet, arXiv:1611.06612.
struct Fusion: Sendable {
  /// Nil if there is no coarser path.
  private let skip: ResidualUnit?
  private let refinement: ResidualUnit
  private let projection: Convolution

  init(_ weights: Weights, channels: Int, hasSkip: Bool) throws {
    skip = hasSkip ? try ResidualUnit(weights["resConfUnit1"], channels: channels) : nil
    refinement = try ResidualUnit(weights["resConfUnit2"], channels: channels)
    projection = try Convolution(weights["out_conv"], inputs: channels, outputs: channels, size: 1)
  }

  func callAsFunction(_ path: Tensor?, _ tap: Tensor) -> Tensor {
    var x = tap
    if let skip, let path { x = skip(tap, adding: path + tap) }
    let (_, rows, columns, _) = x.shape.image
    // The original network projects after resampling. Both operations are linear and the interpolation weights sum to
    // 1, so the order can be exchanged; this order is four times cheaper.
    return projection(refinement(x, adding: x))
      .resampled(rows: 2 * rows, columns: 2 * columns, aligning: .cornerCenters)
  }
}

/// A residual unit: residual + convolution(relu(convolution(relu(x)))).
struct ResidualUnit: Sendable {
  private let first: Convolution
  private let second: Convolution

  init(_ weights: Weights, channels: Int) throws {
    first = try Convolution(weights["conv1"], inputs: channels, outputs: channels, size: 3)
    second = try Convolution(weights["conv2"], inputs: channels, outputs: channels, size: 3)
  }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    second(first(x, preparing: .rectified, activation: .relu), adding: residual)
  }
}
