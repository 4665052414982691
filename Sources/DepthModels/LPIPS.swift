public import Tensors

/// LPIPS v0.1 over AlexNet: how different two images look to a network that was trained to name what they show.
///
/// At five depths the features of both, each position's vector brought to length 1, are subtracted, squared and weighted
/// channel by channel; the means over positions are added up. 0 for equal images; a few tenths for unlike ones.
/// Sources: R. Zhang et al., CVPR 2018, arXiv:1801.03924; A. Krizhevsky, arXiv:1404.5997 for the network.
public struct LPIPS: Sendable {
  /// The least side of an image, in pixels: below, nothing is left of it at the deepest layers.
  public static let leastSide = 31

  /// A convolution, what is pooled before it, and the weights of the channels of what it gives.
  private struct Depth: Sendable {
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

    /// ∂ distance / ∂ a: with â = a/|a| and d = 2 · weight · (â − b̂) / positions, (d − â · ⟨â, d⟩) / |a|.
    func gradient(_ a: Tensor, _ b: Tensor) -> Tensor {
      let channels = weights.count
      var result = a.scalars
      let share = 2 / Float(a.shape.positions)
      for first in stride(from: 0, to: a.shape.count, by: channels) {
        let range = first..<first + channels
        let (lengthA, lengthB) = (Self.length(a.scalars[range]), Self.length(b.scalars[range]))
        var along: Float = 0
        for i in range {
          let unit = a.scalars[i] / lengthA
          result[i] = share * weights[i - first] * (unit - b.scalars[i] / lengthB)
          along += unit * result[i]
        }
        for i in range { result[i] = (result[i] - a.scalars[i] / lengthA * along) / lengthA }
      }
      return Tensor(a.shape, result)
    }

    private static func length(_ vector: ArraySlice<Float>) -> Float {
      vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() + 1e-10
    }
  }

  private let depths: [Depth]

  /// From torchvision's names for the network, `features.0.weight` …, and LPIPS's for the weights of channels,
  /// `lin0.model.1.weight` `[1, channel, 1, 1]` ….
  ///
  /// - Throws: `ModelError` where a tensor is missing or misshapen.
  public init(_ weights: Weights) throws {
    let layers: [(index: Int, outputs: Int, size: Int, stride: Int, padding: Int)] = [
      (0, 64, 11, 4, 2), (3, 192, 5, 1, 2),
      (6, 384, 3, 1, 1), (8, 256, 3, 1, 1), (10, 256, 3, 1, 1),
    ]
    var inputs = 3
    depths = try layers.enumerated().map { depth, layer in
      let convolution = try Convolution(
        weights["features"][layer.index], inputs: inputs, outputs: layer.outputs, size: layer.size,
        stride: layer.stride, padding: .each(layer.padding))
      inputs = layer.outputs
      return Depth(
        poolsBefore: depth == 1 || depth == 2, convolution: convolution,
        weights: try weights["lin\(depth)"]["model"][1].tensor(
          "weight", [1, layer.outputs, 1, 1]
        ).scalars)
    }
  }

  /// How far two images lie apart, depth by depth.
  ///
  /// - Parameters:
  ///   - a: `[1, row, column, 3]` in −1…1, at least `leastSide` pixels each way.
  ///   - b: The other, of the same shape.
  /// - Returns: five numbers, whose sum is the distance.
  public func distances(_ a: Tensor, _ b: Tensor) -> [Double] {
    precondition(a.shape == b.shape, "\(a.shape) is compared with \(b.shape)")
    precondition(
      a.shape[1] >= Self.leastSide && a.shape[2] >= Self.leastSide,
      "an image has \(Self.leastSide) pixels each way at least, not \(a.shape)")
    var (a, b) = (Self.scaled(a), Self.scaled(b))
    return depths.map { depth in
      a = depth.features(of: a)
      b = depth.features(of: b)
      return depth.distance(a, b)
    }
  }

  /// The distance of two images, `[1, row, column, 3]` in −1…1.
  public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Double {
    distances(a, b).reduce(0, +)
  }

  /// The distance of two images, and how it changes with the first.
  ///
  /// - Parameters:
  ///   - a: `[1, row, column, 3]` in −1…1, at least `leastSide` pixels each way.
  ///   - b: The other, of the same shape.
  /// - Returns: The distance, and its gradient of the shape of a.
  public func slope(_ a: Tensor, _ b: Tensor) -> (distance: Double, gradient: Tensor) {
    let image = a.tracked()
    var (x, y) = (Self.scaled(image), Self.scaled(b))
    var distance = 0.0
    // Each depth's features lead on to the next one's: all ways back are walked together.
    var (ends, slopes): ([Tensor], [Tensor]) = ([], [])
    for depth in depths {
      x = depth.features(of: x)
      y = depth.features(of: y)
      distance += depth.distance(x, y)
      ends.append(x)
      slopes.append(depth.gradient(x, y))
    }
    Gradients.walk(back: ends, from: slopes)
    return (distance, image.gradient ?? Tensor(a.shape))
  }

  /// Brings an image to the range that the network was trained on.
  private static func scaled(_ image: Tensor) -> Tensor {
    let (shift, scale): ([Float], [Float]) = ([-0.030, -0.088, -0.188], [0.458, 0.448, 0.450])
    return Tensor(
      image.shape,
      image.scalars.enumerated().map { ($1 - shift[$0 % 3]) / scale[$0 % 3] }
    ).made(of: [image]) { gradient, _ in
      [Tensor(gradient.shape, gradient.scalars.enumerated().map { $1 / scale[$0 % 3] })]
    }
  }
}
