import ArgumentParser
import DepthModels
import Foundation
import Scenes
import Tensors

/// The command `relief bench`, which times the networks of a bundle and compares them with sgemm on the same machine.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the networks of a bundle, and their layers, on this machine.",
    discussion: """
      All values are those of the run with the median time. Operations are counted by the definition of a layer, so an \
      algorithm that needs fewer operations can be faster than sgemm, which is measured in the same run. Because \
      machines are shared and clock rates change, compare shares of sgemm between runs rather than seconds.

      The row coarse is the network that computes the coarse map. The rows conditions, step and heights are the \
      parts of the refiner: encoding the conditions once per tile, one evaluation of the denoiser, and decoding to \
      heights.
      """)

  @Option(help: "The folder of the model bundle. Default: $RELIEF_MODEL, else the shipped bundle.")
  var model: String?

  @Option(
    help: "The side of the tile, in pixels, 1 to 16384; a multiple of what the networks require.")
  var tile: Int = 512

  @Option(
    help: "Number of threads, 1 to 1024; one thread is also timed. Default: one per processor.")
  var threads: Int?

  @Option(help: "Number of runs of each measurement, at least 1.")
  var runs: Int = 5

  @Flag(help: "Show layers by size instead of by kind.")
  var layers = false

  @Flag(help: "Print one JSON object instead of tables.")
  var json = false

  func validate() throws {
    try Limits.threads.check("--threads", threads)
    try Limits.pixels.check("--tile", tile)
    if runs < 1 { throw ValidationError("--runs \(runs), expected 1 or more") }
  }

  func run() throws {
    let bundle = try ModelBundle.locate(model)
    let network = try D3RSMDE(bundle)
    guard tile % network.sizeMultiple == 0 else {
      throw ValidationError("--tile \(tile), expected a multiple of \(network.sizeMultiple)")
    }
    var report = BenchReport(
      bundle: bundle.manifest.card.name, tile: tile, blasCore: BLAS.coreName,
      kernelLevel: CPU.kernelLevel)
    let most = threads ?? ProcessLimits().processors
    for (name, body) in try parts(of: network) {
      for count in Set([1, most]).sorted() {
        report.networks.append(try time(name, threads: count, body))
      }
    }
    Console.output(try json ? report.json() : report.text(bySizes: layers))
  }

  /// The parts to time, with their names.
  private func parts(of network: D3RSMDE) throws -> [(String, () throws -> Void)] {
    let image = Tensor(
      [1, tile, tile, 3], (0..<tile * tile * 3).map { Float(($0 * 7919) % 256) })
    var parts: [(String, () throws -> Void)] = [
      ("coarse", { _ = try network.coarseHeight(of: image) })
    ]
    guard let refiner = network.refiner else { return parts }
    let map = Tensor([1, tile, tile, 1], (0..<tile * tile).map { Float($0 * 31 % 997) / 996 })
    let options = RefineOptions(steps: refiner.steps)
    if let stepped = refiner as? any SteppedRefiner, let first = stepped.schedule(options).first {
      let conditions = stepped.conditions(map, image: image, options: options, seed: 42)
      parts += [
        ("conditions", { _ = stepped.conditions(map, image: image, options: options, seed: 42) }),
        ("step", { _ = stepped.estimate(from: conditions.coarse, conditions, at: first.index) }),
        (
          "heights",
          {
            _ = try stepped.heights(
              from: conditions.coarse, rows: tile, columns: tile, options: options)
          }
        ),
      ]
    }
    parts.append(
      ("refine", { _ = try refiner.refine(map, image: image, options: options, seed: 42) }))
    return parts
  }

  /// Times a part with a number of threads.
  private func time(
    _ name: String, threads: Int, _ body: () throws -> Void
  ) throws -> BenchReport.Network {
    try Parallel.$workers.withValue(threads) {
      try body()  // warm-up: the first run also allocates memory
      let clock = ContinuousClock()
      let measured = try (0..<runs).map { _ in
        let (times, faults) = (LayerTimes(), Memory.pageFaults)
        let seconds = try clock.measure { try times.recording(body) } / .seconds(1)
        return (seconds: seconds, layers: times.layers, faults: Memory.pageFaults - faults)
      }
      let median = measured.sorted { $0.seconds < $1.seconds }[(runs - 1) / 2]
      return BenchReport.Network(
        network: name, threads: threads, seconds: median.seconds,
        sgemm: BLAS.measuredGFLOPS(threads: threads), pageFaults: median.faults,
        layers: median.layers.map { BenchReport.Layer($0, $1) }.sorted { $0.seconds > $1.seconds })
    }
  }
}
