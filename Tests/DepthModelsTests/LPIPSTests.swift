import DepthModels
import Foundation
import Tensors
import TestModels
import Testing

/// Comparison with distances from PyTorch (formula weights) and from the `lpips` package (its own weights).
@Suite struct LPIPSTests {
  /// Formula weights with nonnegative channel weights, because only these define a distance.
  private struct Formula: WeightSource {
    /// Formula weights by the names that the package uses.
    let formula = FormulaWeights { name in
      let slices = ["0": 1, "3": 2, "6": 3, "8": 4, "10": 5]
      return name.replacing(/^lin(\d)/) { "lins.\($0.1)" }
        .replacing(/^features\.(\d+)/) { "net.slice\(slices[String($0.1)] ?? 0).\($0.1)" }
    }
    let label = "formula"
    let names: Set<String>? = nil

    func tensor(_ name: String, _ shape: Shape) throws -> Tensor {
      let tensor = try formula.tensor(name, shape)
      return name.hasPrefix("lin") ? Tensor(shape, tensor.scalars.map(abs)) : tensor
    }
  }

  @Test func `with formula weights, the distance at each layer matches PyTorch`() throws {
    let network = try LPIPS(Weights(Formula()))
    let (a, b) = (
      FormulaWeights.image("input.lp0", rows: 64, columns: 64, in: -1...1),
      FormulaWeights.image("input.lp1", rows: 64, columns: 64, in: -1...1)
    )
    let truth = [
      0.13714921474456787, 0.016532720997929573, 0.004631746560335159, 0.0056672655045986176,
      0.004717589356005192,
    ]
    for (found, expected) in zip(network.distances(a, b), truth) {
      #expect(abs(found - expected) < 1e-5 * expected)
    }
  }

  /// Returns an image of three waves with a phase.
  private func waves(rows: Int, columns: Int, phase p: Float) -> Tensor {
    Tensor(
      [1, rows, columns, 3],
      (0..<rows).flatMap { row in
        (0..<columns).flatMap { column in
          let (x, y) = (Float(column), Float(row))
          return [
            sin(0.11 * x + p) * cos(0.07 * y), sin(0.05 * x + 0.13 * y + p), cos(0.001 * x * y + p),
          ]
        }
      })
  }

  private func expectWaves(_ path: String, within tolerance: Double) throws {
    let network = try LPIPS(Weights(Safetensors(reading: path)))
    for (rows, columns, truth) in [
      (64, 64, 0.09075283259153366), (128, 96, 0.11552152782678604),
      (256, 256, 0.12061066925525665),
    ] {
      let (a, b) = (
        waves(rows: rows, columns: columns, phase: 0),
        waves(rows: rows, columns: columns, phase: 0.7)
      )
      let found = network(a, b)
      #expect(abs(found - truth) < tolerance, "\(rows) × \(columns): \(found)")
      #expect(network(a, a) == 0)
      #expect(network(b, a) == found)
    }
  }

  @Test func `the shipped weights give the original distances to within 0.001`()
    throws
  {
    try expectWaves(
      Places.package.appending(path: "SampleData/lpips/lpips_alex.safetensors").path, within: 1e-3)
  }

  private static let original = Places.shared.appending(path: "weights/lpips_alex.safetensors").path

  @Test(.enabled(if: Places.exists(original), "the original weights are not next to the checkout"))
  func `the original weights give the original distances to within 0.00001`() throws {
    try expectWaves(Self.original, within: 1e-5)
  }
}
