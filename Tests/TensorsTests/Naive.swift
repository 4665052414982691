import Foundation
import Tensors

/// Straightforward implementations in `Double`, as references for the fast operations.
enum Naive {
  static func product(_ a: Tensor, _ b: Tensor) -> Tensor {
    tensor([a.shape[0], b.shape[1]]) { index in
      (0..<a.shape[1]).reduce(0) { $0 + Double(a[index[0], $1]) * Double(b[$1, index[1]]) }
    }
  }

  /// The sum over the kernel of pixel times weight; pixels outside the image are 0.
  static func convolution(
    _ x: Tensor, _ kernel: Tensor, stride: Int, top: Int, left: Int, rows: Int, columns: Int
  ) -> Tensor {
    let (kernelRows, kernelColumns, inputs, outputs) = kernel.shape.image
    return tensor([x.shape[0], rows, columns, outputs]) { index in
      var sum = 0.0
      for r in 0..<kernelRows {
        for c in 0..<kernelColumns {
          let (row, column) = (index[1] * stride + r - top, index[2] * stride + c - left)
          guard (0..<x.shape[1]).contains(row), (0..<x.shape[2]).contains(column) else { continue }
          for i in 0..<inputs {
            sum += Double(x[index[0], row, column, i]) * Double(kernel[r, c, i, index[3]])
          }
        }
      }
      return sum
    }
  }

  static func activation(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .none: x
    case .relu: max(x, 0)
    case .gelu: x * (1 + erf(x / 2.0.squareRoot())) / 2
    case .silu: x / (1 + exp(-x))
    }
  }

  /// softmax(q·kᵀ/√depth)·v, computed for one query and one head at a time.
  static func attention(_ x: Tensor, heads: Int) -> Tensor {
    let (tokens, width) = (x.shape[1], x.shape[2] / 3)
    let depth = width / heads
    var result = [Float](repeating: 0, count: x.shape[0] * tokens * width)
    for image in 0..<x.shape[0] {
      for query in 0..<tokens {
        for first in stride(from: 0, to: width, by: depth) {
          let weights = (0..<tokens).map { token in
            exp(
              (first..<first + depth).reduce(0.0) {
                $0 + Double(x[image, query, $1]) * Double(x[image, token, width + $1])
              } / Double(depth).squareRoot())
          }
          let total = weights.reduce(0, +)
          for channel in first..<first + depth {
            let sum = (0..<tokens).reduce(0.0) {
              $0 + weights[$1] * Double(x[image, $1, 2 * width + channel])
            }
            result[(image * tokens + query) * width + channel] = Float(sum / total)
          }
        }
      }
    }
    return Tensor([x.shape[0], tokens, width], result)
  }

  /// (x − mean) / √(variance + ε), with the moments of all elements with the same `group`.
  static func normalized(_ x: Tensor, epsilon: Double, group: ([Int]) -> [Int]) -> Tensor {
    var members: [[Int]: [Double]] = [:]
    for index in indices(x.shape) { members[group(index), default: []].append(Double(x.at(index))) }
    let moments = members.mapValues { values in
      let mean = values.reduce(0, +) / Double(values.count)
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
    }
    return tensor(x.shape) { index in
      let (mean, variance) = moments[group(index)] ?? (0, 0)
      return (Double(x.at(index)) - mean) / (variance + epsilon).squareRoot()
    }
  }

  static func indices(_ shape: Shape) -> [[Int]] {
    shape.dims.reduce([[]]) { places, side in
      places.flatMap { place in (0..<side).map { place + [$0] } }
    }
  }

  static func tensor(_ shape: Shape, _ value: ([Int]) -> Double) -> Tensor {
    Tensor(shape, indices(shape).map { Float(value($0)) })
  }
}

extension Tensor {
  func at(_ index: [Int]) -> Float {
    scalars[zip(index, shape.dims).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// The largest difference to another tensor, as a share of the other's largest element.
  func error(to truth: Tensor) -> Float {
    precondition(shape == truth.shape, "\(shape) is compared with \(truth.shape)")
    var (scale, difference): (Float, Float) = (0, 0)
    for (x, y) in zip(scalars, truth.scalars) {
      scale = max(scale, abs(y))
      // A NaN must not be treated as a zero difference.
      difference = abs(x - y) <= difference ? difference : abs(x - y)
    }
    return difference == 0 ? 0 : difference / scale
  }
}
