import Foundation
import Tensors

/// Measures the optimal numbers of panels and inputs that a Winograd convolution processes at a time:
/// `block-sizes [rounds]`.
///
/// Each round tries all sizes in turn on one thread. The best time over all rounds is used, because other processes
/// only slow down a measurement. Prints the throughput in GFLOPS (10⁹ operations of the definition per second) for
/// the layers that take most of the networks' time, and for each size, the mean share of a layer's best throughput.
@main struct BlockSizes {
  /// The input channels, output channels, and side of the map, and whether it is upsampled by 2 on the fly.
  struct Layer {
    let inputs: Int
    let outputs: Int
    let side: Int
    var isDoubled = false

    var name: String { "\(inputs) → \(outputs), \(side)²\(isDoubled ? " (× 2)" : "")" }

    var kept: String {
      WinogradBlocks.holdsFilters(rows: side, columns: side, outputs: outputs) ? "filters" : "map"
    }

    /// Returns the best throughput over all rounds for each size, in GFLOPS.
    func speeds(_ sizes: [WinogradBlocks], rounds: Int) -> [Double] {
      let stored = isDoubled ? side / 2 : side
      let x = Tensor.random([1, stored, stored, inputs], seed: 1)
      let kernel = PackedWeights(Tensor.random([3, 3, inputs, outputs], seed: 2))
      var best = [Double](repeating: .infinity, count: sizes.count)
      for _ in 0..<rounds {
        for (index, size) in sizes.enumerated() {
          let time = WinogradBlocks.$current.withValue(size) {
            ContinuousClock().measure {
              _ = x.convolved(
                with: kernel, padding: .each(1), preparing: isDoubled ? .doubled : .none)
            }
          }
          best[index] = min(best[index], time / .seconds(1))
        }
      }
      let operations = 18 * Double(side * side) * Double(inputs * outputs)
      return best.map { operations / $0 / 1e9 }
    }
  }

  static let layers = [
    Layer(inputs: 128, outputs: 128, side: 512), Layer(inputs: 256, outputs: 128, side: 512),
    Layer(inputs: 256, outputs: 256, side: 256), Layer(inputs: 512, outputs: 256, side: 256),
    Layer(inputs: 512, outputs: 512, side: 128),
    Layer(inputs: 256, outputs: 256, side: 512, isDoubled: true),
    Layer(inputs: 256, outputs: 256, side: 128), Layer(inputs: 64, outputs: 64, side: 128),
    Layer(inputs: 512, outputs: 512, side: 64), Layer(inputs: 128, outputs: 128, side: 64),
    Layer(inputs: 384, outputs: 128, side: 64), Layer(inputs: 256, outputs: 256, side: 32),
    Layer(inputs: 512, outputs: 512, side: 32), Layer(inputs: 1024, outputs: 512, side: 16),
    Layer(inputs: 512, outputs: 512, side: 16),
  ]
  /// The layers for which one product covers the whole map.
  static let small = [
    Layer(inputs: 256, outputs: 256, side: 32), Layer(inputs: 768, outputs: 256, side: 32),
    Layer(inputs: 1024, outputs: 512, side: 16), Layer(inputs: 512, outputs: 512, side: 16),
    Layer(inputs: 768, outputs: 512, side: 16),
  ]

  static func main() {
    Memory.retainFreedMemory()
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
    print("OpenBLAS core \(BLAS.coreName), kernels \(CPU.kernelLevel)")
    let panels = [1, 2, 3, 4, 6, 8, 12]
    compare(
      "panels", panels, layers, rounds, panels.map { WinogradBlocks(passingMap: $0, heldMap: $0) })
    let inputs = [32, 64, 96, 128, 192, 256, 1024]
    let chosen = WinogradBlocks.chosen
    compare(
      "inputs", inputs, small, rounds,
      inputs.map {
        WinogradBlocks(passingMap: chosen.passingMap, heldMap: chosen.heldMap, inputs: $0)
      })
  }

  /// Prints a table of layers by sizes, and the means over layers that keep the same operand in memory.
  static func compare(
    _ what: String, _ numbers: [Int], _ layers: [Layer], _ rounds: Int, _ sizes: [WinogradBlocks]
  ) {
    print("\n" + row("layer", "keeps", numbers.map { "\($0)" }) + "  " + what)
    var shares: [String: [[Double]]] = [:]
    for layer in layers {
      let speeds = layer.speeds(sizes, rounds: rounds)
      print(row(layer.name, layer.kept, speeds.map { String(format: "%.0f", $0) }))
      let top = speeds.max() ?? 1
      shares[layer.kept, default: []].append(speeds.map { $0 / top })
    }
    for (kept, rows) in shares.sorted(by: { $0.key < $1.key }) {
      let means = sizes.indices.map { index in
        rows.reduce(0) { $0 + $1[index] } / Double(rows.count)
      }
      print(row("mean share of the best", kept, means.map { String(format: "%.2f", $0) }))
    }
  }

  static func row(_ name: String, _ kept: String, _ texts: [String]) -> String {
    name.padding(toLength: 30, withPad: " ", startingAt: 0)
      + kept.padding(toLength: 10, withPad: " ", startingAt: 0)
      + texts.map { String(repeating: " ", count: max(6 - $0.count, 0)) + $0 }.joined()
  }
}
