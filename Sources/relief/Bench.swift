import ArgumentParser
import DepthModels
import Foundation
import Tensors

/// `relief bench`: how fast the bundle's networks are here, beside the machine's own speed in the same run.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Times the networks of a bundle on this machine.",
    discussion: """
      Every figure is the median of the runs. Machines are shared and clocks change: compare the share of \
      sgemm, measured in the same run, rather than seconds between runs.
      """)

  @Option(help: "The model bundle, a folder. Default: $RELIEF_MODEL, else the one shipped.")
  var model: String?

  @Option(help: "Pixels of the tile's side.")
  var tile: Int = 512

  @Option(help: "Threads. Default: one for each processor.")
  var threads: Int?

  @Option(help: "Runs of each measurement.")
  var runs: Int = 5

  @Flag(help: "Also each layer of one run, the dearest first.")
  var layers = false

  @Flag(help: "One JSON object instead of a table.")
  var json = false

  func validate() throws {
    try Limits.threads.check("--threads", threads)
    try Limits.pixels.check("--tile", tile)
    if runs < 1 { throw ValidationError("--runs \(runs), expected 1 or more") }
  }

  private struct Row: Encodable {
    let network: String
    let threads: Int
    let seconds: Double
    let gflops: Double
    let sgemm: Double
    var shareOfSgemm: Double { gflops / sgemm }
  }

  private struct Result: Encodable {
    let bundle: String
    let tile: Int
    let blasCore: String
    let kernelLevel: String
    let rows: [Row]
  }

  func run() throws {
    let bundle = try ModelBundle.locate(model)
    let network = try D3RSMDE(bundle)
    guard tile % network.sizeMultiple == 0 else {
      throw ValidationError("--tile \(tile), expected a multiple of \(network.sizeMultiple)")
    }
    let image = Tensor(
      [1, tile, tile, 3], (0..<tile * tile * 3).map { Float(($0 * 7919) % 256) })
    let most = threads ?? ProcessInfo.processInfo.activeProcessorCount
    let map = Tensor([1, tile, tile, 1], (0..<tile * tile).map { Float($0 * 31 % 997) / 996 })
    var rows: [Row] = []
    func time(_ name: String, operations: Double, _ body: () throws -> Void) throws {
      if layers {
        let times = LayerTimes()
        let total = try ContinuousClock().measure { try Parallel.$workers.withValue(most) { try body(); try times.recording(body) } } / .seconds(1)
        print(name, total)
        for (layer, total) in times.layers.sorted(by: { $0.value.seconds > $1.value.seconds }) {
          print(String(format: "%8.3f s %4d calls %8.1f GFLOP/s  ", total.seconds, total.calls, total.operations / total.seconds / 1e9), layer.kind.rawValue, layer.sizes)
        }
      }
      for count in Set([1, most]).sorted() {
        let seconds = try median(threads: count, of: body)
        rows.append(
          Row(
            network: name, threads: count, seconds: seconds, gflops: operations / seconds / 1e9,
            sgemm: BLAS.measuredGFLOPS(threads: count)))
      }
    }
    try time("coarse", operations: network.operationCount(rows: tile, columns: tile)) {
      _ = try network.coarseHeight(of: image)
    }
    if let refiner = network.refiner {
      let options = RefineOptions(steps: refiner.steps)
      try time(
        "refine",
        operations: refiner.operationCount(rows: tile, columns: tile, options: options)
      ) { _ = try refiner.refine(map, image: image, options: options, seed: 42) }
    }
    let result = Result(
      bundle: bundle.manifest.card.name, tile: tile, blasCore: BLAS.coreName,
      kernelLevel: CPU.kernelLevel, rows: rows)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      print(String(decoding: try encoder.encode(result), as: UTF8.self))
    } else {
      print(
        "\(result.bundle), \(tile) × \(tile), \(result.blasCore), kernels \(result.kernelLevel)")
      print("network   threads   seconds   GFLOP/s   sgemm   share")
      for row in rows {
        print(
          row.network.padding(toLength: 10, withPad: " ", startingAt: 0)
            + String(
              format: "%7d   %7.3f   %7.1f   %5.0f   %4.0f %%", row.threads, row.seconds,
              row.gflops,
              row.sgemm, row.shareOfSgemm * 100))
      }
    }
  }

  /// The median time of `body` on that many threads, in seconds.
  private func median(threads: Int, of body: () throws -> Void) throws -> Double {
    try Parallel.$workers.withValue(threads) {
      try body()  // the first run also touches the memory
      let clock = ContinuousClock()
      let times = try (0..<runs).map { _ in try clock.measure(body) / .seconds(1) }
      return times.sorted()[(runs - 1) / 2]
    }
  }
}
