import Foundation
import Tensors

/// Measures how many panels of squares a convolution by squares should take at once: `block-sizes [rounds]`.
///
/// Sizes are tried in turn within each round, on one thread, and the best time of the rounds counts, as other work on the
/// machine only ever makes one slower. Prints 10⁹ operations of the definition per second for the layers that take most
/// of our networks' time, and for each size the mean share of a layer's best.
@main struct BlockSizes {
  /// Channels in, channels out, side of the map, and whether it is doubled on its way.
  static let layers = [
    (128, 128, 512, false), (256, 128, 512, false), (256, 256, 256, false), (512, 256, 256, false),
    (512, 512, 128, false), (256, 256, 512, true), (256, 256, 128, false), (64, 64, 128, false),
    (512, 512, 64, false), (128, 128, 64, false), (384, 128, 64, false), (256, 256, 32, false),
    (512, 512, 32, false), (1024, 512, 16, false), (512, 512, 16, false),
  ]
  static let sizes = [1, 2, 3, 4, 6, 8, 12]

  static func main() {
    Memory.keepFreed()
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 5
    print("OpenBLAS core \(BLAS.coreName), kernels \(CPU.kernelLevel)")
    print("layer                         holds     " + columns(sizes.map { "\($0)" }))
    var shares: [String: [[Double]]] = [:]
    for (inputs, outputs, side, isDoubled) in layers {
      let stored = isDoubled ? side / 2 : side
      let x = Tensor.random([1, stored, stored, inputs], seed: 1)
      let kernel = Tensor.random([3, 3, inputs, outputs], seed: 2)
      var best = [Double](repeating: .infinity, count: sizes.count)
      for _ in 0..<rounds {
        for (index, size) in sizes.enumerated() {
          let blocks = WinogradBlocks(passingMap: size, heldMap: size)
          let time = WinogradBlocks.$current.withValue(blocks) {
            ContinuousClock().measure {
              _ = x.convolved(
                with: kernel, padding: .each(1), preparing: isDoubled ? .doubled : .none)
            }
          }
          best[index] = min(best[index], time / .seconds(1))
        }
      }
      let operations = 18 * Double(side * side) * Double(inputs * outputs)
      let speeds = best.map { operations / $0 / 1e9 }
      let held =
        WinogradBlocks.holdsFilters(rows: side, columns: side, outputs: outputs)
        ? "filters" : "map"
      let name = "\(inputs) → \(outputs), \(side)²\(isDoubled ? " (× 2)" : "")"
      print(
        name.padding(toLength: 30, withPad: " ", startingAt: 0)
          + held.padding(toLength: 10, withPad: " ", startingAt: 0)
          + columns(speeds.map { String(format: "%.0f", $0) }))
      let top = speeds.max() ?? 1
      shares[held, default: []].append(speeds.map { $0 / top })
    }
    for (held, rows) in shares.sorted(by: { $0.key < $1.key }) {
      let means = sizes.indices.map { index in
        rows.reduce(0) { $0 + $1[index] } / Double(rows.count)
      }
      print(
        "mean share of the best        " + held.padding(toLength: 10, withPad: " ", startingAt: 0)
          + columns(means.map { String(format: "%.2f", $0) }))
    }
  }

  static func columns(_ texts: [String]) -> String {
    texts.map { String(repeating: " ", count: max(6 - $0.count, 0)) + $0 }.joined()
  }
}
