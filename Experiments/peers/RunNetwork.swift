import DepthModels
import Foundation
import Tensors

/// Runs one network of a bundle on one tensor: `run-network BUNDLE PART IN.safetensors OUT.safetensors`.
///
/// Parts are coarse, encode, decode, step (the denoiser at its first step) and tile (all of them in sequence). Files
/// contain a single tensor `x` in PyTorch's order, `[batch, channel, row, column]`.
///
/// With `--serve` before the bundle, the program prints `ready` and the kernels in use. It then runs once for each line
/// on standard input, and prints the seconds of each run. The first run's output is written. `--threads N`, at the end,
/// sets the number of threads of an operation; the default is 1.
@main struct RunNetwork {
  static func main() {
    Memory.retainFreedMemory()
    do {
      var arguments = Array(CommandLine.arguments.dropFirst())
      let serves = arguments.first == "--serve"
      if serves { arguments.removeFirst() }
      var threads: Int? = 1
      if let place = arguments.firstIndex(of: "--threads"), place == arguments.count - 2 {
        threads = Int(arguments.removeLast())
        arguments.removeLast()
      }
      guard let threads, threads > 0, arguments.count == 4 else {
        throw ModelError(
          .usage,
          "usage: run-network [--serve] BUNDLE coarse|encode|decode|step|tile IN OUT [--threads N]")
      }
      try Parallel.$workers.withValue(threads) { try run(arguments, serves: serves) }
    } catch {
      FileHandle.standardError.write(Data("run-network: \(error)\n".utf8))
      exit(1)
    }
  }

  static func run(_ arguments: [String], serves: Bool) throws {
    let bundle = try ModelBundle(directory: arguments[0])
    let network = try network(arguments[1], of: bundle)
    let input = permuted(try Safetensors(reading: arguments[2]).tensor("x"), [0, 2, 3, 1])
    func write(_ output: Tensor) throws {
      try Safetensors.write([.init("x", permuted(output, [0, 3, 1, 2]))], to: arguments[3])
    }
    guard serves else { return try write(network(input)) }
    func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
    say("ready OpenBLAS \(BLAS.coreName), kernels \(CPU.kernelLevel)")
    var isFirst = true
    while readLine() != nil {
      var output: Tensor?
      let duration = try ContinuousClock().measure { output = try network(input) }
      if isFirst, let output { try write(output) }
      isFirst = false
      say("\(duration / .seconds(1))")
    }
  }

  /// Returns a part of the bundle as a function; only what the part needs is loaded.
  static func network(_ part: String, of bundle: ModelBundle) throws -> (Tensor) throws -> Tensor {
    func weights(_ stage: Manifest.Stage) throws -> Weights {
      Weights(try Safetensors(reading: bundle.path(of: stage)))
    }
    let refiner = bundle.manifest.refiner
    switch (part, refiner, refiner?.autoencoder) {
    case ("coarse", _, _):
      let network = try DPT(weights(.coarse), bundle.manifest.coarse)
      return { network($0) }
    case ("encode", _, let sizes?):
      let network = try AutoencoderKL(weights(.vae), sizes)
      return { network.encode($0).moments }
    case ("decode", _, let sizes?):
      let network = try AutoencoderKL(weights(.vae), sizes)
      return { network.decode($0) }
    case ("step", let refiner?, _):
      let steps = refiner.blending.steps
      let network = try DenoiseUNet(weights(.unet), refiner.denoiser, steps: steps)
      return { network($0, step: steps - 1) }
    case ("tile", _?, _):
      let network = try D3RSMDE(bundle)
      guard let refiner = network.refiner else { fallthrough }
      let options = RefineOptions(steps: refiner.steps)
      return { image in
        let coarse = try network.coarseHeight(of: image).minMaxNormalized()
        return try refiner.refine(coarse, image: image, options: options, seed: 0)
      }
    default:
      throw ModelError(
        .usage,
        "\(bundle.directory) has no network for \(part), expected coarse, encode, decode, step or tile"
      )
    }
  }

  /// Returns the tensor with its axes permuted.
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
