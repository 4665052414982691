import DepthModels
import Foundation
import Tensors
import TestModels
import Testing

/// Comparison of every stage of the coarse network with PyTorch, with formula weights.
@Suite(.serialized) struct CoarseGoldenTests {
  static let records = Golden.records(in: "d3_vit.json")

  @Test(arguments: [
    ("vitb_rn50_384", Architectures.hybrid, [(128, 128), (96, 160)]),
    ("vitb16_384", Architectures.plain, [(128, 128)]),
  ])
  func `every stage matches the original network`(
    variant: String, architecture: CoarseArchitecture, sizes: [(Int, Int)]
  ) throws {
    let network = try DPT(Weights(FormulaWeights(prefix: "rgb_encoder.")), architecture)
    for (rows, columns) in sizes {
      try compare(network, "d3_vit_\(variant)_\(rows)x\(columns)", rows: rows, columns: columns)
    }
  }

  func compare(_ network: DPT, _ name: String, rows: Int, columns: Int) throws {
    let golden = try #require(Self.records[name])
    let image = FormulaWeights.image("input.vit", rows: rows, columns: columns, in: 0...255)
    var stages: [String: Tensor] = [:]
    let raw = Parallel.$workers.withValue(2) { network(image) { stages[$0] = $1 } }
    stages["raw"] = raw
    stages["out"] = raw.minMaxNormalized()
    #expect(Set(stages.keys) == Set(golden.keys))
    for (stage, record) in golden {
      let error = try #require(stages[stage]).error(to: record)
      #expect(error < 1e-4, "\(stage) of \(name)")
    }
  }
}
