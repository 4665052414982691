import Foundation
import Tensors

/// What `relief bench` has measured, as tables or JSON.
struct BenchReport: Encodable {
  let bundle: String
  let tile: Int
  let blasCore: String
  let kernelLevel: String
  var networks: [Network] = []

  struct Network: Encodable {
    let network: String
    let threads: Int
    let seconds: Double
    /// Billions of operations in a second of products on as many threads.
    let sgemm: Double
    /// Pages that the run was given anew.
    let pageFaults: Int
    /// The dearest first.
    let layers: [Layer]

    var gflops: Double { layers.reduce(0) { $0 + $1.operations } / seconds / 1e9 }

    /// What is neither product, convolution nor attention.
    var rest: Double {
      1 - layers.filter(\.multiplies).reduce(0) { $0 + $1.seconds } / seconds
    }

    private enum Key: CodingKey {
      case network, threads, seconds, gflops, sgemm, shareOfSgemm, shareWithoutProducts, pageFaults
      case layers
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(network, forKey: .network)
      try container.encode(threads, forKey: .threads)
      try container.encode(seconds, forKey: .seconds)
      try container.encode(gflops, forKey: .gflops)
      try container.encode(sgemm, forKey: .sgemm)
      try container.encode(gflops / sgemm, forKey: .shareOfSgemm)
      try container.encode(rest, forKey: .shareWithoutProducts)
      try container.encode(pageFaults, forKey: .pageFaults)
      try container.encode(layers, forKey: .layers)
    }
  }

  struct Layer: Encodable {
    let kind: String
    let sizes: String
    let calls: Int
    let seconds: Double
    let operations: Double

    init(_ layer: LayerTimes.Layer, _ total: LayerTimes.Total) {
      kind = layer.kind.rawValue
      sizes = layer.sizes
      calls = total.calls
      seconds = total.seconds
      operations = total.operations
    }

    /// Several of one kind as one.
    init(_ kind: String, _ layers: [Layer]) {
      self.kind = kind
      sizes = ""
      calls = layers.reduce(0) { $0 + $1.calls }
      seconds = layers.reduce(0) { $0 + $1.seconds }
      operations = layers.reduce(0) { $0 + $1.operations }
    }

    var multiplies: Bool { operations > 0 }
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A table of networks, and for the most threads one of the layers of each.
  func text(bySizes: Bool) -> String {
    var lines = [
      "\(bundle), \(tile) × \(tile), OpenBLAS core \(blasCore), kernels \(kernelLevel)", "",
      "network     threads   seconds   GFLOP/s   sgemm   of sgemm   no products   page faults",
    ]
    for row in networks {
      lines.append(
        row.network.padding(toLength: 12, withPad: " ", startingAt: 0)
          + String(
            format: "%7d   %7.3f   %7.1f   %5.0f   %6.0f %%   %9.1f %%   %11d", row.threads,
            row.seconds, row.gflops, row.sgemm, row.gflops / row.sgemm * 100, row.rest * 100,
            row.pageFaults))
    }
    let most = networks.map(\.threads).max()
    for row in networks where row.threads == most {
      lines += ["", "\(row.network), threads: \(row.threads)"]
      lines.append("  seconds    time   calls   GFLOP/s   of sgemm   layer")
      lines += (bySizes ? row.layers : kinds(row.layers)).map { text(of: $0, in: row) }
    }
    return lines.joined(separator: "\n")
  }

  private func kinds(_ layers: [Layer]) -> [Layer] {
    Dictionary(grouping: layers, by: \.kind).map { Layer($0, $1) }
      .sorted { $0.seconds > $1.seconds }
  }

  private func text(of layer: Layer, in row: Network) -> String {
    let gflops = layer.operations / layer.seconds / 1e9
    let speed =
      layer.multiplies
      ? String(format: "%7.1f   %6.0f %%", gflops, gflops / row.sgemm * 100)
      : "                  "
    return String(
      format: "  %7.3f   %3.0f %%   %5d   ", layer.seconds, layer.seconds / row.seconds * 100,
      layer.calls) + speed + "   \(layer.kind) \(layer.sizes)"
  }
}
