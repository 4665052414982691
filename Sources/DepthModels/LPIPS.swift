public import Tensors

/// LPIPS v0.1 with AlexNet: a perceptual distance between two images.
///
/// AlexNet was trained to classify images. At five of its layers, the feature vectors of both images are normalized to
/// length 1 at each position, subtracted, squared and weighted per channel; the means over positions are added up. The
/// distance is 0 for equal images and a few tenths for dissimilar ones.
/// Sources: R. Zhang et al., CVPR 2018, arXiv:1801.03924; A. Krizhevsky, arXiv:1404.5997 for the network.
public struct LPIPS: Sendable {
  /// The minimum side of an image, in pixels; smaller images have no pixels left at the deepest layers.
  public static let minimumSide = 31

  /// A convolution, the optional pooling before it, and the weights of its output channels.
  private struct Layer: Sendable {
    let poolsBefore: Bool
    let convolution: Convolution
    let weights: [Float]

    func features(of x: Tensor) -> Tensor {
      convolution(poolsBefore ? x.maxPooled(padding: .each(0)) : x, activation: .relu)
    }

    func distance(_ a: Tensor, _ b: Tensor) -> Double {
      let channels = weights.count
      return (0..<a.shape.positions).reduce(0.0) { sum, position in
        let first = position * channels
        let range = first..<first + channels
        let (lengthA, lengthB) = (Self.length(a.scalars[range]), Self.length(b.scalars[range]))
        return range.reduce(into: sum) { sum, i in
          let difference = a.scalars[i] / lengthA - b.scalars[i] / lengthB
          sum += Double(weights[i - first] * difference * difference)
        }
      } / Double(a.shape.positions)
    }

    /// Returns ∂ distance / ∂ a: with â = a/|a| and d = 2 · weight · (â − b̂) / positions, (d − â · ⟨â, d⟩) / |a|.
    func gradient(_ a: Tensor, _ b: Tensor) -> Tensor {
      let channels = weights.count
      var result = a.scalars
      let factor = 2 / Float(a.shape.positions)
      for first in stride(from: 0, to: a.shape.count, by: channels) {
        let range = first..<first + channels
        let (lengthA, lengthB) = (Self.length(a.scalars[range]), Self.length(b.scalars[range]))
        var projection: Float = 0
        for i in range {
          let unit = a.scalars[i] / lengthA
          result[i] = factor * weights[i - first] * (unit - b.scalars[i] / lengthB)
          projection += unit * result[i]
        }
        for i in range { result[i] = (result[i] - a.scalars[i] / lengthA * projection) / lengthA }
      }
      return Tensor(a.shape, result)
    }

    private static func length(_ vector: ArraySlice<Float>) -> Float {
      vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() + 1e-10
    }
  }

  private let layers: [Layer]

  /// Loads the network.
  ///
  /// The network has torchvision's tensor names, `features.0.weight` …. The channel weights have the names of LPIPS,
  /// `lin0.model.1.weight` `[1, channel, 1, 1]` ….
  ///
  /// - Throws: `ModelError` if a tensor is missing or has the wrong shape.
  public init(_ weights: Weights) throws {
    let specifications: [(index: Int, outputs: Int, size: Int, stride: Int, padding: Int)] = [
      (0, 64, 11, 4, 2), (3, 192, 5, 1, 2),
      (6, 384, 3, 1, 1), (8, 256, 3, 1, 1), (10, 256, 3, 1, 1),
    ]
    var inputs = 3
    layers = try specifications.enumerated().map { index, specification in
      let convolution = try Convolution(
        weights["features"][specification.index], inputs: inputs, outputs: specification.outputs,
        size: specification.size, stride: specification.stride,
        padding: .each(specification.padding))
      inputs = specification.outputs
      return Layer(
        poolsBefore: index == 1 || index == 2, convolution: convolution,
        weights: try weights["lin\(index)"]["model"][1].tensor(
          "weight", [1, specification.outputs, 1, 1]
        ).scalars)
    }
  }

  /// Returns the distance between two images at each layer.
  ///
  /// - Parameters:
  ///   - a: `[1, row, column, 3]` in −1…1, at least `minimumSide` pixels on each side.
  ///   - b: The other image, of the same shape.
  /// - Returns: Five numbers, whose sum is the distance.
  public func distances(_ a: Tensor, _ b: Tensor) -> [Double] {
    precondition(a.shape == b.shape, "the images have different shapes: \(a.shape) and \(b.shape)")
    precondition(
      a.shape[1] >= Self.minimumSide && a.shape[2] >= Self.minimumSide,
      "the image is \(a.shape), expected at least \(Self.minimumSide) rows and columns")
    var (a, b) = (Self.scaled(a), Self.scaled(b))
    return layers.map { layer in
      a = layer.features(of: a)
      b = layer.features(of: b)
      return layer.distance(a, b)
    }
  }

  /// Returns the distance between two images, `[1, row, column, 3]` in −1…1.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Double {
    distances(a, b).reduce(0, +)
  }

  /// Returns the distance between two images and its gradient with respect to the first.
  ///
  /// - Parameters:
  ///   - a: `[1, row, column, 3]` in −1…1, at least `minimumSide` pixels on each side.
  ///   - b: The other image, of the same shape.
  /// - Returns: The distance, and its gradient with the shape of `a`.
  public func slope(_ a: Tensor, _ b: Tensor) -> (distance: Double, gradient: Tensor) {
    let image = a.tracked()
    var (x, y) = (Self.scaled(image), Self.scaled(b))
    var distance = 0.0
    // The features of each layer are the input of the next, so one backward pass covers all layers.
    var (outputs, gradients): ([Tensor], [Tensor]) = ([], [])
    for layer in layers {
      x = layer.features(of: x)
      y = layer.features(of: y)
      distance += layer.distance(x, y)
      outputs.append(x)
      gradients.append(layer.gradient(x, y))
    }
    Gradients.walk(back: outputs, from: gradients)
    return (distance, image.gradient ?? Tensor(a.shape))
  }

  /// Scales an image to the range that the network was trained on.
  private static func scaled(_ image: Tensor) -> Tensor {
    let (shift, scale): ([Float], [Float]) = ([-0.030, -0.088, -0.188], [0.458, 0.448, 0.450])
    return Tensor(
      image.shape,
      image.scalars.enumerated().map { ($1 - shift[$0 % 3]) / scale[$0 % 3] }
    ).recorded(from: [image]) { gradient, _ in
      [Tensor(gradient.shape, gradient.scalars.enumerated().map { $1 / scale[$0 % 3] })]
    }
  }
}
