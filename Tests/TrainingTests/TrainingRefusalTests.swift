import DepthModels
import Foundation
import Pairs
import Training
import Scenes
import Tensors
import TestSupport
import TestTraining
import Testing

/// Invalid trainings are rejected with messages that name the problem.
@Suite struct TrainingRefusalTests {
  private func message(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return ""
    } catch { return "\(error)" }
  }

  private func changed(
    _ fixture: TrainingFixture, _ change: (inout [String: Any]) -> Void
  ) async throws -> String {
    var object = try #require(
      JSONSerialization.jsonObject(with: fixture.configuration.json) as? [String: Any])
    change(&object)
    let path = fixture.folder("changed.json")
    try JSONSerialization.data(withJSONObject: object).write(to: URL(filePath: path))
    return await message {
      _ = try await TrainingRun.prepare(configuration: path, folder: fixture.folder("run")) { _ in }
    }
  }

  @Test func `unknown keys, missing keys and invalid values are rejected`() async throws {
    let fixture = try TrainingFixture()
    let unknown = try await changed(fixture) { object in
      var data = object["data"] as? [String: Any] ?? [:]
      data["flip"] = true
      object["data"] = data
    }
    #expect(unknown.hasSuffix("changed.json: the key data.flip is unknown"), "\(unknown)")
    let lacking = try await changed(fixture) { $0["seed"] = nil }
    #expect(lacking.contains("lacks the key seed"), "\(lacking)")
    var odd = fixture
    odd.configuration.card.tileSize = 96
    odd.configuration.refiner?.denoiser.multipliers = [1, 2, 2, 2, 2]
    let size = await message { _ = try await odd.run() }
    #expect(size.contains("card.tileSize is 96, expected a multiple of 64"), "\(size)")
    odd = fixture
    odd.set { $0.learningRate = 0 }
    let rate = await message { _ = try await odd.run() }
    #expect(rate.contains("coarse.optimization.learningRate is 0.0, expected above 0"), "\(rate)")
    odd = fixture
    odd.configuration.data.colors = 1.5
    #expect(
      await message { _ = try await odd.run() }.contains("data.colors is 1.5, expected 0 to 1"))
    for overlap in [-1, 1000, .max] {
      odd = fixture
      odd.configuration.data.overlap = overlap
      #expect(await message { _ = try await odd.run() }.contains("data.overlap is \(overlap)"))
    }
    odd = fixture
    odd.configuration.refiner?.ownEstimates = 2
    #expect(await message { _ = try await odd.run() }.contains("refiner.ownEstimates is 2.0"))
    odd = fixture
    odd.configuration.refiner?.decoded = .init()
    let unweighted = await message { _ = try await odd.run() }
    #expect(unweighted.contains("refiner.decoded") && unweighted.contains("weights of 0 or more"))
    odd.configuration.refiner?.decoded = .init(lpips: 1, side: 42)
    #expect(
      await message { _ = try await odd.run() }.contains(
        "refiner.decoded.side is 42, expected 35 to the tile size, 64 pixels, and a multiple of 4"))
    odd = fixture
    odd.configuration.refiner?.denoiser.inputs = 6
    #expect(await message { _ = try await odd.run() }.contains("6 → 4 channels"))
    odd = fixture
    odd.configuration.coarse.optimization = nil
    #expect(
      await message { _ = try await odd.run() }
        .contains("coarse is neither trained nor given complete weights"))
    odd.configuration.coarse.start = StartWeights(path: "coarse.safetensors")
    #expect(
      await message { _ = try await odd.run() }
        .contains("no crossFitting without coarse.optimization"))
    odd = fixture
    odd.configuration.autoencoder?.optimization = nil
    #expect(
      await message { _ = try await odd.run() }.contains(
        "neither trained nor given complete weights"))
    #expect(
      await message {
        _ = try await TrainingRun.prepare(configuration: "nowhere.json", folder: "run") { _ in }
      }.contains("nowhere.json cannot be read"))
  }

  @Test func `splits without pairs or without usable tiles are rejected`() async throws {
    var fixture = try TrainingFixture()
    try fixture.write(TrainingFixture.list(validating: "test"))
    let empty = await message { _ = try await fixture.run() }
    #expect(empty.hasPrefix("the list has no pair with the split validation"), "\(empty)")
    try fixture.write(TrainingFixture.list())
    fixture.configuration.data.leastRelief = 1e6
    let flat = await message { _ = try await fixture.run() }
    #expect(
      flat.contains("none of the 4 pairs with the split train has a usable tile of 64 pixels"),
      "\(flat)")
    #expect(flat.contains("its relief is"), "\(flat)")
  }

  @Test func `validation pairs are drawn for a list that has only training and test pairs`()
    async throws
  {
    var fixture = try TrainingFixture()
    try fixture.write(TrainingFixture.list(validating: "test"))
    fixture.configuration.data.validationShare = 0.3
    _ = try await fixture.run()
    let list = try PairList(reading: fixture.folder("run/pairs.csv"))
    #expect(list.pairs.map { $0.split == .validation }.count { $0 } == 1)
    #expect(list.pairs.count { $0.split == .train } == 3 && list.pairs[4].split == .test)
    // The same pair is drawn, whatever the order of the list.
    let rows = TrainingFixture.list(validating: "test").split(separator: "\n")
    try fixture.write(([rows[0]] + rows.dropFirst().reversed()).joined(separator: "\n"))
    _ = try await fixture.run(in: "turned")
    let turned = try PairList(reading: fixture.folder("turned/pairs.csv"))
    #expect(
      turned.pairs.first { $0.split == .validation }?.name
        == list.pairs.first { $0.split == .validation }?.name)
    try fixture.write(TrainingFixture.list())
    let some = await message { _ = try await fixture.run(in: "some") }
    #expect(some.contains("has validation pairs already"), "\(some)")
  }

  @Test func `other pixel sizes and warm-ups longer than the training are rejected`() async throws {
    var fixture = try TrainingFixture()
    fixture.configuration.card.gsdInMeters = 0.5...2
    let coarse = await message { _ = try await fixture.run() }
    #expect(
      coarse.contains("part 0: its pixel size is 30.01 m, and card.gsdInMeters is 0.5 to 2.0 m"),
      "\(coarse)")
    fixture.configuration.card.gsdInMeters = 20...40
    fixture.set { $0.schedule = .cosine(warmupSteps: 8, floor: 0) }
    let steep = await message { try await fixture.run().coarse(.all) }
    #expect(steep.contains("rises for 8 steps, and 2 epochs of 8 tiles have 8"), "\(steep)")
    fixture.set { $0.schedule = .cosine(warmupSteps: 7, floor: 0) }
    try await fixture.run(in: "other").coarse(.all)
  }

  @Test func `excluded pairs are rejected`() async throws {
    var fixture = try TrainingFixture()
    let scene = fixture.folder("scene.tif")
    try Data("path,why\n\(scene),judged on it\n".utf8).write(
      to: URL(filePath: fixture.folder("excluded.csv")))
    fixture.configuration.data.exclusions = "excluded.csv"
    let excluded = await message { _ = try await fixture.run() }
    #expect(excluded.hasPrefix("5 of 5 pairs are excluded") && excluded.contains("judged on it"))
  }

  @Test func `a changed configuration or list in the same folder is rejected, except more epochs`()
    async throws
  {
    var fixture = try TrainingFixture()
    try await fixture.run().coarse(.all)
    let weights = try fixture.weights("coarse")
    fixture.set { $0.epochs = 3 }
    try await fixture.run().coarse(.all)
    let table = try String(
      contentsOfFile: fixture.folder("run/coarse/epochs.csv"), encoding: .utf8)
    #expect(table.split(separator: "\n").count == 4, "\(table)")
    fixture.set { $0.learningRate = 2e-3 }
    let other = await message { _ = try await fixture.run() }
    #expect(
      other.contains("coarse.optimization.learningRate: 0.001, now 0.002"), "\(other)")
    fixture.set { $0.learningRate = 1e-3 }
    // Samples are turned by the sun: those of before and after would be mixed.
    let sun = fixture.configuration.card.sunAzimuthInDegrees
    fixture.configuration.card.sunAzimuthInDegrees = 0...360
    let turned = await message { _ = try await fixture.run() }
    #expect(turned.contains("card.sunAzimuthInDegrees"), "\(turned)")
    fixture.configuration.card.sunAzimuthInDegrees = sun
    try fixture.write(
      TrainingFixture.list().replacingOccurrences(of: "part 0", with: "part zero"))
    #expect(await message { _ = try await fixture.run() }.contains("another list of pairs"))
    #expect(!weights.isEmpty)
  }

  @Test func `weights and checkpoints of other shapes are rejected`() async throws {
    var fixture = try TrainingFixture()
    try await fixture.run().coarse(.all)
    let checkpoint = fixture.folder("run/coarse/checkpoint.safetensors")
    try FileManager.default.createDirectory(
      atPath: fixture.folder("other/coarse"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: checkpoint, toPath: fixture.folder("other/coarse/checkpoint.safetensors"))
    fixture.configuration.coarse.architecture.fusion = 8
    let misfit = await message { try await fixture.run(in: "other").coarse(.all) }
    #expect(
      misfit.contains("parameter.scratch.layer1_rn.weight is [16, 16, 3, 3] in")
        && misfit.contains("expected [8, 16, 3, 3]"), "\(misfit)")
    let json = #"{"path": "run/coarse/best.safetensors", "isPartial": false}"#
    fixture.configuration.coarse.start = try JSONDecoder().decode(
      StartWeights.self, from: Data(json.utf8))
    let start = await message { try await fixture.run(in: "third").coarse(.all) }
    #expect(start.contains("scratch.layer1_rn.weight is [16, 16, 3, 3]"), "\(start)")
    try Data("cut off".utf8).write(to: URL(filePath: checkpoint))
    fixture.configuration.coarse.start = nil
    fixture.configuration.coarse.architecture.fusion = 16
    let torn = await message { try await fixture.run().coarse(.all) }
    #expect(torn.contains("checkpoint.safetensors has 7 bytes"), "\(torn)")
  }

  @Test func `a loss that is not finite stops the training and saves its batch`() async throws {
    var fixture = try TrainingFixture()
    fixture.set {
      ($0.learningRate, $0.weightDecay, $0.clipping, $0.epochs) = (1e12, 0, nil, 50)
    }
    let stopped = await message { try await fixture.run().coarse(.all) }
    #expect(stopped.contains("expected a number above 0; the batch is in"), "\(stopped)")
    let batch = try Safetensors(reading: fixture.folder("run/coarse/stopped-batch.safetensors"))
    #expect(batch.entries.keys.contains { $0.hasSuffix(".image") })
    #expect(batch.metadata["reason"] != nil && batch.metadata["step"] != nil)
  }

  @Test func `a network is trained by one process at a time`() async throws {
    let fixture = try TrainingFixture()
    let run = try await fixture.run()
    let lock = try FolderLock(fixture.folder("run/coarse"))
    #expect(await message { try await run.coarse(.all) }.contains("is in use by"))
    withExtendedLifetime(lock) {}
  }
}
