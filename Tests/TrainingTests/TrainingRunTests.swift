import DepthModels
import Foundation
import Grids
import Training
import Scenes
import Tensors
import TestSupport
import TestTraining
import Testing

/// Trainings from pairs to a bundle: their results, and that they can be resumed after any interruption.
@Suite struct TrainingRunTests {
  @Test func `all networks are trained and give a bundle that runs inference`() async throws {
    var fixture = try TrainingFixture()
    fixture.set { ($0.epochs, $0.learningRate) = (12, 2e-3) }
    (fixture.configuration.data.flips, fixture.configuration.data.shift) = (false, 0)
    let bundle = try await fixture.run().all()
    try bundle.verify()
    let manifest = bundle.manifest
    #expect(manifest.refiner?.heightRange == .shared && manifest.coarse.output.scale > 0)
    #expect(manifest.refiner?.autoencoder?.latentScale != 1)
    for network in ["coarse-1", "coarse-2", "coarse", "autoencoder", "refiner"] {
      let table = try String(
        contentsOfFile: fixture.folder("run/\(network)/epochs.csv"), encoding: .utf8)
      let losses = table.split(separator: "\n").dropFirst().compactMap {
        Double($0.split(separator: ",")[2])
      }
      #expect(losses.count == 12, "\(network): \(table)")
      #expect(losses[11] < losses[0], "\(network): \(losses)")
    }
    let page = try String(contentsOfFile: fixture.folder("run/index.html"), encoding: .utf8)
    #expect(page.contains("<h2>refiner</h2>") && page.contains("refiner/0-answer.png"))

    let model = try D3RSMDE(bundle)
    let image = Tensor.random([1, 64, 64, 3], in: 0...255, seed: 1)
    let heights = try model.coarseHeight(of: image)
    #expect(heights.range.minimum < heights.range.maximum)
    // A finished run repeats nothing.
    let again = try await fixture.run { progress in
      if case .training = progress { Issue.record("a network was trained again") }
    }
    #expect(try await again.all().hash == bundle.hash)
  }

  /// The level loss asks for outputs in 1…2.
  @Test func `the level loss widens the range of the coarse network's output`() async throws {
    var fixture = try TrainingFixture()
    fixture.set { ($0.epochs, $0.learningRate, $0.averageDecay) = (12, 6e-3, nil) }
    (fixture.configuration.refiner, fixture.configuration.autoencoder) = (nil, nil)
    var far: [Double] = []
    for level in [0, 16.0] {
      fixture.configuration.coarse.losses.level = level
      let output = try await fixture.run(in: "level \(level)").all().manifest.coarse.output
      let (least, greatest) = (-output.offset / output.scale, (1 - output.offset) / output.scale)
      far.append(abs(least - 1) + abs(greatest - 2))
    }
    #expect(far[1] < 0.75 * far[0], "\(far)")
  }

  @Test func `without folds the refiner is trained on the bundle's coarse network`() async throws {
    var fixture = try TrainingFixture()
    fixture.configuration.crossFitting = nil
    let run = try await fixture.run()
    let bundle = try await run.all()
    try bundle.verify()
    let folders = try FileManager.default.contentsOfDirectory(atPath: fixture.folder("run"))
    #expect(folders.contains("coarse") && !folders.contains { $0.hasPrefix("coarse-1") })
    let maps = try FileManager.default.contentsOfDirectory(
      atPath: fixture.folder("run/coarse-maps"))
    #expect(maps.count == 10)
    let error = await #expect(throws: SceneError.self) {
      try await run.coarse(.without(fold: 1))
    }
    #expect("\(try #require(error))".contains("no crossFitting"))

    // The same network, given instead of trained, leads to the same refiner.
    try FileManager.default.copyItem(
      atPath: fixture.folder("run/coarse/best.safetensors"), toPath: fixture.folder("c.safetensors")
    )
    fixture.configuration.coarse.start = StartWeights(path: "c.safetensors")
    fixture.configuration.coarse.optimization = nil
    let given = try await fixture.run(in: "given")
    #expect(try await given.all().manifest.coarse.output == bundle.manifest.coarse.output)
    #expect(try fixture.weights("refiner", in: "given") == fixture.weights("refiner"))
    await #expect(throws: SceneError.self) { try await given.coarse(.all) }
  }

  @Test
  func
    `a canceled run resumes with bit-identical results for any number of threads and concurrent samples`()
    async throws
  {
    var fixture = try TrainingFixture()
    // Sums of three numbers depend on their order.
    fixture.set { $0.batch = 3 }
    let whole = try await fixture.run(in: "whole")
    try await Parallel.$workers.withValue(2) { _ = try await whole.all() }
    var cancelled = 0
    for steps in [1, 2, 3, 5, 4, 6, 3, 2, 50] {
      let counter = StepCounter(steps)
      let work = Task { [fixture] in
        let run = try await fixture.run(in: "torn", samplesAtOnce: 1 + steps % 3) { progress in
          if counter.count(progress) { withUnsafeCurrentTask { $0?.cancel() } }
        }
        _ = try await run.all()
      }
      do { try await work.value } catch is CancellationError { cancelled += 1 }
    }
    #expect(cancelled > 4)
    for network in ["coarse-1", "coarse-2", "coarse", "autoencoder", "refiner"] {
      #expect(
        try fixture.weights(network, in: "torn") == fixture.weights(network, in: "whole"),
        "\(network)")
    }
    for file in ["steps.csv", "epochs.csv"] {
      func columns(_ run: String) throws -> [String] {
        try String(contentsOfFile: fixture.folder("\(run)/coarse/\(file)"), encoding: .utf8)
          .split(separator: "\n").map { line in
            line.split(separator: ",").prefix(5).joined(separator: ",")
          }
      }
      #expect(try columns("torn") == columns("whole"))
    }
  }

  @Test func `derived parts are made again after their networks were trained further`() async throws
  {
    var fixture = try TrainingFixture()
    fixture.set { ($0.epochs, $0.learningRate) = (1, 2e-3) }
    (fixture.configuration.data.flips, fixture.configuration.data.shift) = (false, 0)
    let first = try await fixture.run().all()
    let map = try #require(
      FileManager.default.enumerator(atPath: fixture.folder("run/coarse-maps"))?.nextObject()
        as? String)
    func mapBytes() throws -> Data {
      try Data(contentsOf: URL(filePath: fixture.folder("run/coarse-maps/\(map)")))
    }
    let maps = try mapBytes()

    // Of six epochs, at least one is better than the first.
    fixture.configuration.refiner?.optimization.epochs = 6
    let second = try await fixture.run().all()
    #expect(second.hash != first.hash)
    #expect(try mapBytes() == maps)

    fixture.configuration.card.summary = "Another one."
    fixture.configuration.storage = .f16
    let third = try await fixture.run().all()
    #expect(third.manifest.card.summary == "Another one.")
    let kept = try Safetensors(reading: third.path(of: .coarse))
    #expect(kept.entries.values.allSatisfy { $0.type == "F16" })
    #expect(try mapBytes() == maps)

    fixture.configuration.coarse.optimization?.epochs = 6
    let (coarse, refiner) = (try await fixture.run(), fixture.folder("run/refiner"))
    await #expect {
      _ = try await coarse.all()
    } throws: {
      "\($0)".contains("\(refiner) was trained on earlier versions of coarse")
    }
    try FileManager.default.moveItem(atPath: refiner, toPath: fixture.folder("old"))
    let fourth = try await fixture.run().all()
    #expect(try mapBytes() != maps)
    #expect(fourth.hash != third.hash)
  }

  @Test func `recomputing blocks changes results only by rounding`() async throws {
    var fixture = try TrainingFixture()
    _ = try await fixture.run(in: "kept").all()
    fixture.set { $0.recomputesBlocks = true }
    _ = try await fixture.run(in: "again").all()
    // Gradients of a tensor that is used several times are summed in another order.
    for network in ["coarse", "autoencoder", "refiner"] {
      let kept = try Safetensors(reading: fixture.folder("kept/\(network)/best.safetensors"))
      let again = try Safetensors(reading: fixture.folder("again/\(network)/best.safetensors"))
      for name in kept.entries.keys {
        let far = zip(try kept.tensor(name).scalars, try again.tensor(name).scalars).map {
          abs($0 - $1)
        }
        #expect(try #require(far.max()) < 1e-3, "\(network) \(name)")
        let mean = far.reduce(0, +) / Float(far.count)
        #expect(mean < 1e-4, "\(network) \(name)")
      }
    }
  }

  @Test func `a refiner that works on pixels can be trained`() async throws {
    var fixture = try TrainingFixture()
    fixture.configuration.autoencoder = nil
    fixture.configuration.refiner?.denoiser.inputs = 4
    fixture.configuration.refiner?.denoiser.outputs = 1
    fixture.configuration.refiner?.heightRange = .own
    fixture.configuration.refiner?.decoded?.side = nil
    let bundle = try await fixture.run().all()
    #expect(bundle.manifest.refiner?.autoencoder == nil)
    #expect(!FileManager.default.fileExists(atPath: fixture.folder("run/autoencoder")))
  }

  @Test func `a given autoencoder with attention at the coarsest level is used unchanged`()
    async throws
  {
    var fixture = try TrainingFixture()
    fixture.configuration.autoencoder?.architecture.attendsCoarsestLevel = true
    try await fixture.run(in: "first").autoencoder()
    try FileManager.default.copyItem(
      atPath: fixture.folder("first/autoencoder/best.safetensors"),
      toPath: fixture.folder("vae.safetensors"))
    fixture.configuration.autoencoder?.start = StartWeights(path: "vae.safetensors")
    fixture.configuration.autoencoder?.optimization = nil
    fixture.configuration.autoencoder?.architecture.latentScale = 0.5
    let bundle = try await fixture.run().all()
    #expect(bundle.manifest.refiner?.autoencoder?.latentScale == 0.5)
    let (kept, given) = (
      try Safetensors(reading: bundle.path(of: .vae)),
      try Safetensors(reading: fixture.folder("vae.safetensors"))
    )
    #expect(Set(kept.entries.keys) == Set(given.entries.keys))
    for name in given.entries.keys { #expect(try kept.tensor(name) == given.tensor(name)) }
  }

  @Test func `networks can be trained one by one after those that they depend on`() async throws {
    let fixture = try TrainingFixture()
    let run = try await fixture.run()
    await #expect {
      try await run.refiner()
    } throws: { "\($0)".contains("coarse-1, which is not trained yet") }
    try await run.coarse(.without(fold: 1))
    try await run.coarse(.without(fold: 2))
    try await run.coarse(.all)
    await #expect {
      try await run.refiner()
    } throws: { "\($0)".contains("the latents of autoencoder, which is not trained yet") }
    // A network that is not completely trained is not accepted.
    let counter = StepCounter(5)
    let work = Task {
      let torn = try await fixture.run { progress in
        if counter.count(progress) { withUnsafeCurrentTask { $0?.cancel() } }
      }
      try await torn.autoencoder()
    }
    await #expect(throws: CancellationError.self) { try await work.value }
    await #expect {
      try await run.refiner()
    } throws: { "\($0)".contains("autoencoder, which is trained for 1 of 2 epochs") }
    try await run.autoencoder()
    try await run.refiner()
    await #expect(throws: SceneError.self) { try await run.coarse(.without(fold: 3)) }
  }

  @Test func `tiles are exported for training with another program`() async throws {
    let fixture = try TrainingFixture()
    let path = try await fixture.run().writeTiles()
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
    let training = try #require(object["training"] as? [[String: Any]])
    #expect(object["margin"] as? Int == 8 && training.count == 8)
    #expect(Set(training.compactMap { $0["fold"] as? Int }) == [1, 2])
    let file = try #require(training[0]["file"] as? String)
    let tensors = try Safetensors(reading: fixture.folder("run/tiles/" + file))
    #expect(tensors.entries["image"]?.shape == [80, 80, 3])
    // The margin beyond the pair's window has image values and no heights.
    let heights = try tensors.tensor("heights")
    #expect(heights[0, 0].isNaN && heights[8, 8].isFinite)
    #expect(try tensors.tensor("image").isFinite)
  }
}
