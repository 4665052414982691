import DepthModels
import Files
import Foundation
import Rasters
import Scenes
import Tensors

/// Trains one network in its own folder, and resumes an interrupted training with bit-identical results.
///
/// The folder holds `checkpoint.safetensors` (the complete state to resume from), `best.safetensors` (the weights with
/// the lowest validation loss), `steps.csv`, `epochs.csv` and pictures. Each file is written atomically, except
/// `steps.csv`, which grows and is truncated to the checkpoint when a training resumes.
struct Trainer {
  let task: any TrainingTask
  /// The network's folder, which must exist.
  let folder: String
  let seed: UInt64
  /// The number of samples of a batch that are processed concurrently, each with its share of the threads.
  let samplesAtOnce: Int
  /// Called after each step.
  let onProgress: @Sendable (TrainingProgress) -> Void
  /// Called after each epoch.
  let onEpoch: @Sendable () throws -> Void

  private static let stoppedName = "stopped-batch.safetensors"

  /// The path of the best weights.
  static func weights(in folder: String) -> String { folder + "/best.safetensors" }
  /// The path of the checkpoint.
  static func checkpoint(in folder: String) -> String { folder + "/checkpoint.safetensors" }

  private var optimization: Optimization { task.optimization }
  private var checkpoint: String { Self.checkpoint(in: folder) }
  private var steps: Int { optimization.epochs * batches }
  private var batches: Int { (task.sampleCount + optimization.batch - 1) / optimization.batch }

  /// Trains until the last epoch is finished.
  ///
  /// - Throws: `CancellationError` when canceled, after writing a checkpoint; `SceneError` for a warm-up longer than
  ///   the training, or for a loss or gradient that is not finite, after saving the batch; `ModelError` for a
  ///   checkpoint that does not match or cannot be written.
  func run() async throws {
    var state = TrainingState(try task.firstParameters(), optimization)
    try requireSteps()
    if FileManager.default.fileExists(atPath: checkpoint) { try state.read(from: checkpoint) }
    let log = try TrainingLog(folder + "/steps.csv", steps: state.progress.step)
    var saved = ContinuousClock().now
    var isSaved = state.progress.step > 0
    do {
      while state.progress.epoch < optimization.epochs {
        let order = order(of: state.progress.epoch)
        while state.progress.batch < batches {
          try await step(&state, order, log)
          isSaved = false
          if state.progress.batch < batches { tell(state.progress) }
          if (.now - saved) / .seconds(1) >= optimization.checkpointSeconds {
            try state.write(to: checkpoint)
            (saved, isSaved) = (.now, true)
          }
        }
        try await finishEpoch(&state)
        tell(state.progress)
        (saved, isSaved) = (.now, true)
      }
    } catch is CancellationError {
      if !isSaved { try state.write(to: checkpoint) }
      throw CancellationError()
    }
  }

  /// Checks that the warm-up is shorter than the training.
  ///
  /// - Throws: `SceneError` if it is not.
  private func requireSteps() throws {
    guard case .cosine(let warmup, _) = optimization.schedule, warmup >= steps else { return }
    throw SceneError(
      .usage,
      "\(task.name): the rate rises for \(warmup) steps, and \(optimization.epochs) epochs of \(task.sampleCount) "
        + "tiles have \(steps): expected fewer warmupSteps, or more epochs")
  }

  private func tell(_ progress: TrainingState.Progress) {
    let last = progress.history.last
    let loss =
      progress.samples > 0
      ? progress.lossSum / Double(progress.samples) : last?.trainingLoss ?? .nan
    onProgress(
      TrainingProgress(
        network: task.name, step: progress.step, steps: steps, loss: loss,
        validationLoss: last?.validationLoss, learningRate: learningRate(progress)))
  }

  private func order(of epoch: Int) -> [Int] {
    var generator = SplitMix64(seed: seed, .order, epoch)
    let keys = (0..<task.sampleCount).map { _ in generator.next() }
    return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
  }

  private func learningRate(_ progress: TrainingState.Progress) -> Double {
    switch optimization.schedule {
    case .constant: optimization.learningRate
    case .plateau: progress.plateau?.learningRate ?? optimization.learningRate
    case .cosine(let warmup, let floor):
      WarmupCosineSchedule(
        peak: optimization.learningRate, floor: floor, warmup: warmup,
        steps: steps
      ).learningRate(at: progress.step)
    }
  }

  /// Computes the mean gradient of a batch and takes one step; on an error the state is unchanged.
  private func step(
    _ state: inout TrainingState, _ order: [Int], _ log: borrowing TrainingLog
  ) async throws {
    let start = ContinuousClock().now
    let progress = state.progress
    let places =
      progress.batch
      * optimization.batch..<min(
        (progress.batch + 1) * optimization.batch, order.count)
    var sums = state.parameters.values.map { [Float](repeating: 0, count: $0.shape.count) }
    var lossSum = 0.0
    for first in stride(from: places.lowerBound, to: places.upperBound, by: samplesAtOnce) {
      let few = first..<min(first + samplesAtOnce, places.upperBound)
      for (place, sample) in zip(few, try await sampleGradients(few, of: places, order, state)) {
        guard sample.loss.isFinite else {
          throw try await stopped(
            "the loss of sample \(order[place]) is \(sample.loss)", order, places, progress)
        }
        lossSum += sample.loss
        for (index, gradient) in sample.gradients.enumerated() {
          if let gradient { sums[index].add(gradient.scalars) }
        }
      }
    }
    let rate = learningRate(progress)
    let norm =
      optimization.clipping.map { GradientClipping(maximumNorm: $0)(&sums) }
      ?? GradientClipping.norm(of: sums)
    guard norm.isFinite, norm > 0 else {
      throw try await stopped("the gradient's norm is \(norm)", order, places, progress)
    }
    var rule = AdamW(learningRate: rate, weightDecay: optimization.weightDecay)
    (rule.beta1, rule.beta2, rule.epsilon) = (
      optimization.beta1, optimization.beta2, optimization.epsilon
    )
    state.parameters.change { index, numbers in
      rule.step(&numbers, gradient: sums[index], state: &state.moments[index])
    }
    state.average?.add(state.parameters.values.map(\.scalars))
    state.progress.step += 1
    state.progress.batch += 1
    state.progress.lossSum += lossSum
    state.progress.samples += places.count
    try log.add(
      step: state.progress.step, epoch: progress.epoch + 1, loss: lossSum / Double(places.count),
      learningRate: rate, norm: norm, seconds: (.now - start) / .seconds(1))
  }

  /// The loss and the gradients of one sample.
  private struct SampleGradients: Sendable {
    let loss: Double
    /// The gradients of the sample's share of the mean loss, in the order of the parameters.
    let gradients: [Tensor?]
  }

  /// Processes samples of a batch concurrently; the order in which they finish does not affect the result.
  private func sampleGradients(
    _ few: Range<Int>, of places: Range<Int>, _ order: [Int], _ state: TrainingState
  ) async throws -> [SampleGradients] {
    let epoch = state.progress.epoch
    let parameters = state.parameters
    var found = [SampleGradients?](repeating: nil, count: few.count)
    try await forEachConcurrently(Array(few), atOnce: few.count) { place in
      let source = parameters.tracked()
      let loss = try await Parallel.$workers.withValue(max(1, Parallel.workers / few.count)) {
        try await Gradients.$recomputesBlocks.withValue(optimization.recomputesBlocks) {
          try await task.learn(
            order[place], epoch: epoch, place: place, source, share: 1 / Double(places.count))
        }
      }
      return SampleGradients(loss: loss, gradients: source.gradients)
    } receive: {
      found[$0] = $1
    }
    return found.compactMap(\.self)
  }

  /// Validates, keeps the best weights, and writes a checkpoint at the start of the next epoch.
  private func finishEpoch(_ state: inout TrainingState) async throws {
    var progress = state.progress
    let rate = learningRate(progress)
    progress.plateau?.finishEpoch()
    let judged = state.judged
    let validation = try await task.validate(judged.untracked())
    let isBest = validation < progress.best ?? .infinity
    _ = progress.plateau?.validate(validation)
    progress.epoch += 1
    progress.history.append(
      TrainedEpoch(
        number: progress.epoch, step: progress.step,
        trainingLoss: progress.lossSum / Double(progress.samples), validationLoss: validation,
        learningRate: rate, isBest: isBest))
    (progress.batch, progress.lossSum, progress.samples) = (0, 0, 0)
    if isBest {
      progress.best = validation
      // Written before the checkpoint that refers to it: after an interruption in between, the end of the epoch is
      // repeated.
      try Safetensors.write(
        judged.items(), metadata: ["epoch": "\(progress.epoch)", "validation": "\(validation)"],
        to: Self.weights(in: folder))
    }
    guard progress.best != nil || progress.epoch < optimization.epochs else {
      throw SceneError(
        .badData,
        "\(task.name): the validation loss was \(validation) after the last epoch and never finite, expected a finite "
          + "number: a smaller learning rate or clipping may help")
    }
    let pictures = try await task.pictures(judged.untracked())
    for picture in pictures {
      try NewFile.write(picture.picture.png(), to: "\(folder)/\(picture.name).png")
    }
    try NewFile.write(
      JSONEncoder().encode(pictures.map { [$0.name, $0.caption] }),
      to: "\(folder)/\(TrainingPage.picturesName)")
    state.progress = progress
    try TrainedEpoch.write(progress.history, to: folder + "/epochs.csv")
    try state.write(to: checkpoint)
    try onEpoch()
  }

  /// Saves the batch that failed, and returns an error that says where.
  private func stopped(
    _ reason: String, _ order: [Int], _ places: Range<Int>, _ progress: TrainingState.Progress
  ) async throws -> SceneError {
    let path = folder + "/" + Self.stoppedName
    var items: [Safetensors.Item] = []
    for place in places {
      items += try await task.shown(order[place], epoch: progress.epoch, place: place).map {
        Safetensors.Item("\(place).\($0.name)", $0.tensor)
      }
    }
    try Safetensors.write(
      items, metadata: ["step": "\(progress.step + 1)", "reason": reason], to: path)
    return SceneError(
      .badData,
      "\(task.name), step \(progress.step + 1): \(reason), expected a number above 0; the batch is in \(path), and the "
        + "last checkpoint is unchanged: a smaller learning rate or clipping may help")
  }
}

/// The progress of a training.
public struct TrainingProgress: Sendable {
  /// The name of the network.
  public let network: String
  /// The number of steps taken.
  public let step: Int
  /// The total number of steps.
  public let steps: Int
  /// The mean training loss of the current epoch so far.
  public let loss: Double
  /// The validation loss of the last finished epoch; nil before the first.
  public let validationLoss: Double?
  /// The current learning rate.
  public let learningRate: Double
}

extension [Float] {
  fileprivate mutating func add(_ other: [Float]) {
    withUnsafeMutableBufferPointer { sums in
      other.withUnsafeBufferPointer { other in
        for i in sums.indices { sums[i] += other[i] }
      }
    }
  }
}
