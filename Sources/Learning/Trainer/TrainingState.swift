import DepthModels
import Foundation
import Tensors

/// All that a training goes on from: parameters, what the optimiser knows of them, and how far it is.
struct TrainingState {
  var parameters: Parameters
  /// Of each tensor.
  var moments: [AdamW.State]
  var average: MovingAverage?
  var progress: Progress

  /// How far a training is.
  struct Progress: Codable, Hashable {
    /// Epochs finished.
    var epoch = 0
    /// Batches of the current epoch that are done.
    var batch = 0
    /// Steps taken since the beginning.
    var step = 0
    /// Σ of the current epoch's losses, sample by sample.
    var lossSum = 0.0
    var samples = 0
    var plateau: PlateauSchedule?
    /// The least validation loss, of the weights that are kept.
    var best: Double?
    var history: [TrainedEpoch] = []
  }

  /// Before the first step.
  init(_ parameters: Parameters, _ optimization: Optimization) {
    self.parameters = parameters
    moments = parameters.values.map { AdamW.State(count: $0.shape.count) }
    average = optimization.averageDecay.map {
      MovingAverage(of: parameters.values.map(\.scalars), decay: $0)
    }
    progress = Progress()
    if case .plateau(let patience, let factor) = optimization.schedule {
      progress.plateau = PlateauSchedule(
        learningRate: optimization.learningRate, patience: patience, factor: factor)
    }
  }

  private enum Kind: String, CaseIterable { case parameter, mean, square, average }

  private static let progressKey = "progress"

  /// What is validated, and kept if it is the best: the average if there is one.
  var judged: Parameters {
    guard let average else { return parameters }
    var result = parameters
    result.replace(by: average.values)
    return result
  }

  /// Writes all of it as one file, which appears whole or not at all.
  ///
  /// - Throws: `ModelError` of kind `.io`, naming the file; what was there before is as it was.
  func write(to path: String) throws {
    var items: [Safetensors.Item] = []
    func add(_ kind: Kind, _ arrays: [[Float]]) {
      for (index, array) in arrays.enumerated() {
        items.append(
          .init(
            "\(kind.rawValue).\(parameters.names[index])",
            Tensor(parameters.values[index].shape, array)))
      }
    }
    add(.parameter, parameters.values.map(\.scalars))
    add(.mean, moments.map(\.mean))
    add(.square, moments.map(\.square))
    if let average { add(.average, average.values) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(progress), as: UTF8.self)
    try Safetensors.write(items, metadata: [Self.progressKey: text], to: path)
  }

  /// Takes on what a file holds.
  ///
  /// - Throws: `ModelError` naming the tensor that is missing, too much or of another size, or `progress` if that is not
  ///   there or cannot be.
  mutating func read(from path: String) throws {
    let file = try Safetensors(reading: path)
    let kinds = Kind.allCases.filter { $0 != .average || average != nil }
    let expected = Set(kinds.flatMap { kind in parameters.names.map { "\(kind.rawValue).\($0)" } })
    if let extra = Set(file.entries.keys).subtracting(expected).min() {
      throw ModelError(.badData, "\(extra) in \(path) is no part of \(parameters.label)")
    }
    let found = try Self.progress(of: file)
    let shapes = parameters.values.map(\.shape)
    func arrays(_ kind: Kind) throws -> [[Float]] {
      try zip(parameters.names, shapes).map { name, shape in
        try (file as any WeightSource).tensor("\(kind.rawValue).\(name)", shape).scalars
      }
    }
    parameters.replace(by: try arrays(.parameter))
    moments = zip(try arrays(.mean), try arrays(.square)).map {
      AdamW.State(step: found.step, mean: $0, square: $1)
    }
    if let old = average {
      average = MovingAverage(
        of: try arrays(.average), decay: old.decay, start: old.start, count: found.step)
    }
    progress = found
  }

  /// How far the training of a checkpoint is.
  static func progress(of file: Safetensors) throws -> Progress {
    guard let text = file.metadata[progressKey] else {
      throw ModelError(
        .badData, "\(file.path) doesn't say how far its training is, expected “\(progressKey)”")
    }
    let progress = try StrictJSON.decode(Progress.self, from: Data(text.utf8), path: file.path)
    try progress.validate(in: file.path)
    return progress
  }
}

extension TrainingState.Progress {
  /// Checks what a file could get wrong and a training would trap on.
  fileprivate func validate(in path: String) throws(ModelError) {
    let check = ManifestCheck(path: path)
    for (name, count) in [("epoch", epoch), ("batch", batch), ("step", step), ("samples", samples)]
    {
      try check.require(
        (0..<1 << 40).contains(count), "progress.\(name)", count, "0 or more, and a number of such")
    }
    try check.require(
      (batch == 0) == (samples == 0), "progress.samples", samples,
      "\(batch == 0 ? "0" : "some"), as \(batch) batches of the epoch are done")
    guard let plateau else { return }
    try check.require(
      plateau.patience > 0 && plateau.factor > 0 && plateau.factor <= 1
        && plateau.learningRate >= 0 && (0..<1 << 40).contains(plateau.counter),
      "progress.plateau", plateau, "a schedule that can be")
  }
}
