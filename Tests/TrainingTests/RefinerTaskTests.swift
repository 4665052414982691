import DepthModels
import Foundation
import GradientChecks
import Scenes
import Tensors
import Testing
import TestSupport
import TestTraining
import Training

/// The refiner's inputs, losses and gradients.
@Suite struct RefinerTaskTests {
  /// An untrained refiner, with an autoencoder and a coarse network that were trained briefly.
  private func task(
    _ change: (inout TrainingFixture) -> Void
  ) async throws -> (RefinerTask, files: TrainingFixture) {
    var fixture = try TrainingFixture()
    fixture.configuration.crossFitting = nil
    fixture.configuration.refiner?.dropout = 0
    fixture.configuration.refiner?.ownEstimates = nil
    fixture.configuration.refiner?.decoded = nil
    fixture.configuration.data.flips = false
    change(&fixture)
    let run = try await fixture.run()
    try await run.coarse(.all)
    if fixture.configuration.autoencoder != nil { try await run.autoencoder() }
    return (try await run.refinerTask(), fixture)
  }

  /// With latents, a crop calibrated to the coarse map; with pixels, the whole tile with each map in its own range.
  @Test(arguments: [true, false])
  func `losses of decoded heights have the gradient of their value`(hasLatents: Bool) async throws {
    let (task, files) = try await task { fixture in
      // These losses outweigh everything else together.
      fixture.configuration.refiner?.decoded = .init(
        lpips: 5, gradientMatching: 2, slopes: 3, side: hasLatents ? 48 : nil)
      guard !hasLatents else { return }
      fixture.configuration.autoencoder = nil
      fixture.configuration.refiner?.denoiser.inputs = 4
      fixture.configuration.refiner?.denoiser.outputs = 1
      fixture.configuration.refiner?.heightRange = .own
    }
    let parameters = try task.firstParameters()
    let source = parameters.tracked()
    _ = try await task.learn(0, epoch: 0, place: 0, source, share: 1)
    // The measured direction is the gradient, where the loss changes most for the smallest change of the network.
    let gradients = zip(source.gradients, parameters.values).map {
      $0?.scalars ?? $1.scalars.map { _ in 0 }
    }
    let length = gradients.joined().reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    func cost(_ step: Double) async throws -> Double {
      var moved = parameters
      moved.change { index, numbers in
        for i in numbers.indices { numbers[i] += Float(step / length) * gradients[index][i] }
      }
      return try await task.learn(0, epoch: 0, place: 0, moved.tracked(), share: 1)
    }
    let steps = MeasuredSlope.steps(from: 8e-3)
    var differences: [Double] = []
    for step in steps { differences.append((try await cost(step) - cost(-step)) / (2 * step)) }
    let slope = MeasuredSlope(differences, over: steps)
    #expect(
      slope.agrees(with: length) && slope.error < 0.25 * length,
      "computed \(length), measured \(slope)")
    withExtendedLifetime(files) {}
  }

  /// As in inference: each step blends ᾱ of the previous estimate with the rest of the coarse map.
  @Test func `blends of own estimates are those of inference`() async throws {
    let (task, files) = try await task { $0.configuration.refiner?.ownEstimates = 1 }
    let parameters = try task.firstParameters()
    let network = try DenoiseUNet(
      Weights(parameters.untracked()), task.training.denoiser, steps: task.training.blending.steps)
    let latents = try #require(try await task.store.latents(of: task.tiles[0], .identity))
    let features = network.features(of: latents.image)
    var losses: [Int: Double] = [:]
    var blend = latents.coarse
    for step in (0...5).reversed() {
      let answer = network(blend, features: features, step: step)
      losses[step] = L1Loss()(answer, truth: latents.target).value
      let share = Float(0.8 * Double(6 - step) / 5)
      blend = Tensor(
        answer.shape,
        zip(answer.scalars, latents.coarse.scalars).map { share * $0 + (1 - share) * $1 })
    }
    #expect(Set(losses.values).count == 6)
    var steps: Set<Int> = []
    for place in 0..<20 {
      var generator = SplitMix64(seed: task.seed, .sample, 0, place)
      let step = generator.below(6)
      let loss = try await task.learn(0, epoch: 0, place: place, parameters.tracked(), share: 1)
      #expect(abs(loss - (losses[step] ?? .nan)) < 1e-5, "step \(step)")
      steps.insert(step)
    }
    #expect(steps.count == 6)
    withExtendedLifetime(files) {}
  }

  @Test func `each tile has its own fixed shift and colors`() async throws {
    let (task, files) = try await task { fixture in
      fixture.configuration.data.colors = 1
      fixture.configuration.data.shift = 8
    }
    let augmentations = task.tiles.compactMap(\.augmentation)
    #expect(
      augmentations.count == task.tiles.count && Set(augmentations).count == augmentations.count)
    #expect(
      augmentations.contains { $0.view.right != 0 }
        && augmentations.allSatisfy { $0.view.turn == .identity })
    #expect(task.validation.allSatisfy { $0.augmentation == nil })

    let reader = task.store.reader
    let tile = try #require(task.tiles.first { ($0.augmentation?.view.right ?? 0) != 0 })
    let look = try #require(tile.augmentation)
    var plain = tile
    plain.augmentation = nil
    let moved = try await reader.sample(plain, look.view)
    let shown = try await reader.sample(tile)
    #expect(shown.heights == moved.heights)
    #expect(shown.image == look.colors?.applied(to: moved.image) && shown.image != moved.image)
    // A second read, and a read in another epoch, give the same image.
    #expect(try await reader.sample(tile, TileView()).image == shown.image)
    withExtendedLifetime(files) {}
  }

  @Test func `color augmentation changes colors and preserves the order of brightness`() throws {
    var generator = SplitMix64(seed: 42, .colors, 1, 2)
    let change = ColorAugmentation(1, bands: 3, &generator)
    let gray = Tensor(
      [1, 1, 6, 3], (0..<6).flatMap { [Float](repeating: 51 * Float($0), count: 3) })
    let seen = change.applied(to: gray)
    #expect(seen != gray)
    for band in 0..<3 {
      let values = (0..<6).map { seen[0, 0, $0, band] }
      #expect(values.first == 0 && abs((values.last ?? 0) - 255) < 1e-3)
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 < $1 }, "\(values)")
    }
    let image = Tensor.random([1, 4, 5, 3], in: 0...255, seed: 3)
    let still = ColorAugmentation(0, bands: 3, &generator)
    for (found, was) in zip(still.applied(to: image).scalars, image.scalars) {
      #expect(abs(found - was) < 1e-3)
    }
  }
}
