import DepthModels
import Foundation
import Tensors

/// One network of a bundle on one tensor: `run-network BUNDLE coarse|encode|decode IN.safetensors OUT.safetensors`.
///
/// Files hold a single tensor `x` in PyTorch's order, `[batch, channel, row, column]`.
@main struct RunNetwork {
  static func main() {
    do {
      let arguments = CommandLine.arguments
      guard arguments.count == 5 else {
        throw ModelError(.usage, "usage: run-network BUNDLE coarse|encode|decode IN OUT")
      }
      let bundle = try ModelBundle(directory: arguments[1])
      let input = try Safetensors(reading: arguments[3]).tensor("x")
      let output = try run(arguments[2], of: bundle, on: permuted(input, [0, 2, 3, 1]))
      try Safetensors.write([.init("x", permuted(output, [0, 3, 1, 2]))], to: arguments[4])
    } catch {
      FileHandle.standardError.write(Data("run-network: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(_ part: String, of bundle: ModelBundle, on input: Tensor) throws -> Tensor {
    func weights(_ stage: Manifest.Stage) throws -> Weights {
      Weights(try Safetensors(reading: bundle.path(of: stage)))
    }
    switch (part, bundle.manifest.refiner?.autoencoder) {
    case ("coarse", _): return try DPT(weights(.coarse), bundle.manifest.coarse)(input)
    case ("encode", let sizes?):
      return try AutoencoderKL(weights(.vae), sizes).encode(input).moments
    case ("decode", let sizes?): return try AutoencoderKL(weights(.vae), sizes).decode(input)
    default: throw ModelError(.usage, "\(bundle.directory) has no network for \(part)")
    }
  }

  /// The axes in another order.
  static func permuted(_ x: Tensor, _ order: [Int]) -> Tensor {
    let dims = order.map { x.shape[$0] }
    let strides = order.map { axis in x.shape.dims[(axis + 1)...].reduce(1, *) }
    let scalars = (0..<x.shape.count).map { place in
      var (rest, source) = (place, 0)
      for axis in dims.indices.reversed() {
        source += rest % dims[axis] * strides[axis]
        rest /= dims[axis]
      }
      return x.scalars[source]
    }
    return Tensor(Shape(dims), scalars)
  }
}
