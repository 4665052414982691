import DepthModels
import Foundation
import Tensors
import Testing

/// Every stage of the coarse network against PyTorch's, with formula weights.
@Suite(.serialized) struct CoarseGoldenTests {
  static let records = Golden.records(in: "d3_vit.json")

  static let hybrid = CoarseArchitecture(
    backbone: .hybrid(
      .init(
        stem: 64, depths: [3, 4, 9], widths: [256, 512, 1024], groups: 32, normEpsilon: 1e-5,
        standardizationEpsilon: 1e-8)),
    width: 768, depth: 12, heads: 12, hidden: 3072, layerNormEpsilon: 1e-6, hooks: [8, 11],
    positionGrid: 24, neck: [256, 512, 768, 768], fusion: 256, head: [128, 32],
    normalization: .raw255)

  static let plain = CoarseArchitecture(
    backbone: .plain(.init(patch: 16)), width: 768, depth: 12, heads: 12, hidden: 3072,
    layerNormEpsilon: 1e-6, hooks: [2, 5, 8, 11], positionGrid: 24, neck: [96, 192, 384, 768],
    fusion: 256, head: [128, 32], normalization: .raw255)

  @Test(arguments: [
    ("vitb_rn50_384", hybrid, [(128, 128), (96, 160)]), ("vitb16_384", plain, [(128, 128)]),
  ])
  func `every stage agrees with the original`(
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
