import Foundation
import Tensors

/// The measurements of `relief bench`, as tables or JSON.
struct BenchReport: Encodable {
  let bundle: String
  let tile: Int
  let blasCore: String
  let kernelLevel: String
  var networks: [Network] = []

  /// The measurement of one network, or of a part of one, with a number of threads.
  struct Network: Encodable {
    let network: String
    let threads: Int
    let seconds: Double
    /// The speed of matrix products on the same number of threads, in GFLOP/s.
    let sgemm: Double
    /// The number of page faults in the run.
    let pageFaults: Int
    /// The layers, the slowest first.
    let layers: [Layer]

    /// The speed of the network, in GFLOP/s.
    var gflops: Double { layers.reduce(0) { $0 + $1.operations } / seconds / 1e9 }

    /// The share of time outside products, convolutions and attention, 0…1.
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

  /// The time of all calls of a layer, or of a kind of layer.
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

    /// The sum of several layers of one kind.
    init(_ kind: String, _ layers: [Layer]) {
      self.kind = kind
      sizes = ""
      calls = layers.reduce(0) { $0 + $1.calls }
      seconds = layers.reduce(0) { $0 + $1.seconds }
      operations = layers.reduce(0) { $0 + $1.operations }
    }

    /// Whether the layer is a product, a convolution or an attention.
    var multiplies: Bool { operations > 0 }
  }

  /// The report as a JSON object.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// A table of the networks, and for the largest number of threads a table of the layers of each network.
  func text(bySizes: Bool) -> String {
    var lines = [
      "\(bundle), \(tile) × \(tile), OpenBLAS core \(blasCore), kernels \(kernelLevel)", "",
      "network     threads   seconds   GFLOP/s   sgemm   of sgemm    other time   page faults",
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

  /// The layers summed by kind, the slowest first.
  private func kinds(_ layers: [Layer]) -> [Layer] {
    Dictionary(grouping: layers, by: \.kind).map { Layer($0, $1) }
      .sorted { $0.seconds > $1.seconds }
  }

  /// The table row of a layer.
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
